"""The emitted modules in each form that is judged, and how often a form repeats."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from iot_dr.emit.module_stack import listed, repeated
from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.proofs import proofs
from iot_dr.rules.engine import judge
from iot_dr.terraform.terraform import PlanStatus
from iot_dr.terraform_json.document import stack_resources
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.support.command import ROOT
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


BUCKET: dict[str, Any] = {
    "rule": [{"id": "${rule.value}", "priority": 1}],
    "policy": '{"Resource": ["arn:${rule.value}"], "Action": ["s3:GetObject", "s3:ListBucket"]}',
}
DOCUMENT: dict[str, Any] = {"resource": {"aws_s3_bucket": {"one": BUCKET, "other": {}}}}
ADDRESS = "aws_s3_bucket.one"


def body(document: dict[str, Any]) -> dict[str, Any]:
    return document["resource"]["aws_s3_bucket"]["one"]


@pytest.mark.parametrize(("numbered", "priority"), [(None, 1), ("priority", "${rule.key + 1}")])
def test_a_block_becomes_one_for_each_value(numbered: str | None, priority: object) -> None:
    changed = repeated(
        DOCUMENT, address=ADDRESS, block="rule", for_each="var.keys", numbered=numbered
    )
    content = {"id": "${rule.value}", "priority": priority}
    assert body(changed)["dynamic"] == {"rule": {"for_each": "${var.keys}", "content": content}}
    assert "rule" not in body(changed)
    assert body(DOCUMENT) == BUCKET


def test_only_a_block_that_stands_once_is_repeated() -> None:
    twice: dict[str, Any] = {"resource": {"aws_s3_bucket": {"one": {"rule": [{}, {}]}}}}
    with pytest.raises(ValueError, match="too many values"):
        repeated(twice, address=ADDRESS, block="rule", for_each="var.keys", numbered=None)


def test_a_list_of_one_text_in_a_policy_becomes_an_expression() -> None:
    changed = listed(DOCUMENT, address=ADDRESS, only="arn:${rule.value}", expression="local.arns")
    assert body(changed)["policy"] == (
        '{"Resource": ${jsonencode(local.arns)}, "Action": ["s3:GetObject", "s3:ListBucket"]}'
    )


def test_a_policy_without_that_list_is_refused_by_its_address() -> None:
    with pytest.raises(
        ValueError, match=r"^aws_s3_bucket.one: its policy has no list with only arn:no"
    ):
        listed(DOCUMENT, address=ADDRESS, only="arn:no", expression="local.arns")


EXAMPLE = ROOT / "examples" / "emitted-modules" / "app.py"
# The lazy bindings, which an app without iot-dr lacks, so that the test is quick.
RUN = f"import iot_dr, runpy; runpy.run_path({str(EXAMPLE)!r}, run_name='__main__')"


def test_a_cdktf_app_calls_the_platform_module_and_its_stack_is_planned(
    modules: Path, opened: Opened, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SOURCE": str(modules)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    terraform = opened(tmp_path / "cdktf.out" / "stacks" / "platform")
    assert terraform.validate() == []
    assert terraform.plan(tmp_path / "plan") is PlanStatus.CHANGED
    outputs = terraform.show(tmp_path / "plan")["planned_values"]["outputs"]
    assert "device_name" in outputs
