"""A platform that others call has the same verdict in every form of its Terraform."""

import json
import shutil
from pathlib import Path
from typing import Final

import pytest

from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.proofs import proofs
from iot_dr.rules.engine import judge
from iot_dr.terraform_json.document import stack_resources
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.support.emitted import Opened, changed
from tests.support.settings import settings

PLATFORM: Final = "examples/complete"


@pytest.fixture(scope="module")
def forms(
    modules: Path, opened: Opened, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, ResourceSet]:
    """The platform without reserved concurrency: first plan, state, and plan without changes."""
    shutil.copytree(modules, folder := tmp_path_factory.mktemp("forms") / "dist")
    folder /= PLATFORM
    changed(folder, reserved_concurrency="null")
    terraform = opened(folder)
    terraform.plan(folder / "plan")
    documents = {"first plan": terraform.show(folder / "plan")}
    terraform.apply(folder / "plan")
    terraform.plan(folder / "plan")
    documents["plan without changes"] = terraform.show(folder / "plan")
    state = documents["plan without changes"]["prior_state"]
    documents["state"] = state
    return {
        form: ResourceSet([stack_resources("platform", json.dumps(document).encode())])
        for form, document in documents.items()
    }


@pytest.mark.exhaustive
def test_a_platform_without_reserved_concurrency_is_judged_as_any_other_in_each_form(
    forms: dict[str, ResourceSet],
) -> None:
    expected = design_expectation(settings(data={}, reserved_concurrency=None))
    for form, resources in forms.items():
        (of_others,), (ours,) = proofs(resources), proofs(resources, expected)
        # A first plan does not say which check a record has.
        verdict = "not proved" if form == "first plan" else "proved"
        assert (of_others.verdict, ours.verdict) == (verdict, verdict), form
        assumed = [str(note) for note in ours.notes if "reserves no concurrency: ass" in str(note)]
        names = [each.partition(" ")[0].rpartition(".")[2] for each in assumed]
        of_data = ("telemetry", *(f"registry_{each}" for each in ("apply", "capture", "reconcile")))
        in_both = ["canary", *of_data] * 2
        publishers = (f"publisher_{slot}" for slot in ("primary", "standby"))
        assert sorted(names) == sorted([*in_both, *publishers, "watcher_standby[0]"]), form
        notes = [*map(str, (*of_others.notes, *ours.notes))]
        assert not [each for each in notes if "reserved_concurrent_executions" in each], form
        assert judge(resources).findings == (), form
