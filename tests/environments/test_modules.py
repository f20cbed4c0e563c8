"""Modules in an environment's file: what is accepted, and each mistake with its line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from environments.errors import SettingsError
from environments.loader import load
from stacks.platform_graph import platform_graph
from tests.environments.files import project_with
from tests.support.settings import document

GOOD = {"name": "audit", "source": "./terraform/audit"}


def loaded(root: Path, *modules: object) -> str:
    """Return the upstream kinds of the modules of a project, or its mistakes."""
    project_with(root, dev=json.dumps(document(modules=list(modules)), indent=1))
    (root / "terraform" / "audit").mkdir(parents=True)
    (root / "terraform" / "audit" / "main.tf").write_text("")
    (root / "terraform" / "empty").mkdir()
    try:
        settings = load("dev", {}, root / "environments")
    except SettingsError as error:
        return str(error)
    return " ".join(kind for module in settings.modules for kind in module.upstream)


def test_a_module_depends_on_the_stacks_that_its_inputs_name(tmp_path: Path) -> None:
    inputs: dict[str, Any] = {
        "topic": "${iot.alarm_topic_arn}",
        "names": ["${region}-${environment}", {"zone": "x ${hosted-zone.zone_id} y"}],
        "count": 2,
    }
    assert loaded(tmp_path, {**GOOD, "inputs": inputs}) == "iot hosted-zone"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "iot"}, "modules[0].name: 'iot' is the name of one of the platform's stacks"),
        ({"name": "Audit"}, "modules[0].name: 'Audit' "),
        ({"name": "x-eu-west-1"}, "without a region at the end"),
        (
            {"source": "/terraform"},
            "is outside of the project; expected a path that begins with ./",
        ),
        ({"source": "./../x"}, "is outside of the project"),
        ({"source": "./terraform/empty"}, "is not a folder of the project with *.tf files"),
        ({"source": "a/b/aws"}, "is in a registry, and its version is missing; add version"),
        ({"scope": "zonal"}, "modules[0].scope: 'zonal' "),
        ({"inputs": {"x": "${var.y.z}"}}, "has the expression '${var.y.z}'; expected an output"),
        ({"inputs": {"x": "${account}"}}, "has the expression '${account}'"),
        ({"inputs": {"x": ["%{ if a }"]}}, "has the expression '%{ if a }'"),
        ({"permissions": [{"resources": ["*"], "read": ["ssm:*"]}]}, "an IAM action, such as"),
        ({"permissions": [{"resources": ["x"]}]}, "an ARN, or * for all resources"),
        ({"other": 1}, "modules[0].other: "),
    ],
)
def test_a_mistake_is_reported_with_its_line_and_key(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    report = loaded(tmp_path, {**GOOD, **change})
    assert report.startswith("environments/dev.yaml:")
    assert message in report
    assert "\n" not in report


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inputs": {"x": "${iott.name}"}}, "depends on 'iott'; expected one of data,"),
        ({"inputs": {"x": "${data.x}"}}, "depends on data, which dev does not have; add the block"),
        ({"scope": "global", "inputs": {"x": "${iot.x}"}}, "is global and reads iot, which is in"),
    ],
)
def test_a_module_that_cannot_be_ordered_is_refused_with_its_line(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    loaded(tmp_path, {**GOOD, **change})
    with pytest.raises(SettingsError) as error:
        platform_graph(load("dev", {}, tmp_path / "environments"))
    assert re.match(r"environments/dev\.yaml:\d+: modules\[0\]: ", str(error.value))
    assert message in str(error.value)
