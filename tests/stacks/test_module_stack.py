"""Stacks that call a Terraform module of the settings."""

from pathlib import Path
from typing import Any

import pytest
from cdktf import App

from environments.errors import SettingsError
from environments.project import ROOT_VARIABLE
from environments.settings import Settings
from iot_dr.api import IotPlatformStage
from stacks.platform_graph import platform_graph
from tests.support.pipeline import PIPELINE
from tests.support.settings import settings

AUDIT: dict[str, Any] = {
    "name": "audit",
    "source": "./audit",
    "inputs": {"topic_arn": "${iot.alarm_topic_arn}", "name": "${project}-${environment}-audit"},
    "outputs": ["rule_arn"],
}
PERMISSION: dict[str, Any] = {
    "resources": ["arn:aws:events:{region}:{account}:rule/{project}-{environment}-audit"],
    "read": ["events:DescribeRule"],
    "write": ["events:PutRule"],
}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project with the module."""
    (tmp_path / "cdktf.json").write_text("{}")
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "main.tf").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))


def with_modules(*modules: dict[str, Any], **changes: Any) -> Settings:
    """Return settings with modules."""
    return settings(modules=list(modules), **changes)


def test_each_region_calls_the_module_with_its_provider_and_its_regions_outputs() -> None:
    stage = IotPlatformStage(App(), with_modules(AUDIT))
    for region in ("eu-west-1", "eu-central-1"):
        document = stage.stacks[f"iot-dev-audit-{region}"].to_terraform()
        (module,) = document["module"].values()
        word = region.replace("-", "_")
        state = f"data.terraform_remote_state.iot_dev_iot_{word}"
        assert module["providers"] == {"aws": f"aws.{word}"}
        assert module["source"].startswith("./assets/source/")
        assert module["topic_arn"] == f"${{{state}.outputs.alarm_topic_arn}}"
        assert module["name"] == "example-dev-audit"
        assert document["output"]["rule_arn"]["value"] == "${module.audit.rule_arn}"


def test_a_module_is_rolled_out_after_the_stack_of_its_region_that_it_reads() -> None:
    waves = [[node.name for node in wave] for wave in platform_graph(with_modules(AUDIT)).waves]
    assert waves[3:5] == [["iot-dev-audit-eu-central-1"], ["iot-dev-iot-eu-west-1"]]


def test_a_global_module_that_reads_a_region_is_refused_with_the_remedy() -> None:
    with pytest.raises(SettingsError) as error:
        platform_graph(with_modules({**AUDIT, "scope": "global"}))
    assert str(error.value) == (
        "environments/dev.yaml: modules[0]: is global and reads iot, which is in each"
        " region; write scope:"
        " regional, or an own stack in Python"
    )


def test_a_pipeline_refuses_a_module_without_permissions_and_grants_those_that_it_declares() -> (
    None
):
    stage = IotPlatformStage(App(), with_modules(AUDIT, pipeline=PIPELINE))
    assert [message.partition(": the")[0] for message in stage.refused] == [
        f"iot-dev-audit-{region}: module.audit" for region in ("eu-west-1", "eu-central-1")
    ]
    declared = with_modules({**AUDIT, "permissions": [PERMISSION]}, pipeline=PIPELINE)
    stage = IotPlatformStage(App(), declared)
    assert not stage.refused
    policies = stage.stacks["iot-dev-pipeline-eu-west-1"].to_terraform()["resource"]
    (policy,) = [
        body["policy"]
        for name, body in policies["aws_iam_role_policy"].items()
        if name.endswith("apply_eu_central_1")
    ]
    assert "arn:aws:events:eu-central-1:111111111111:rule/example-dev-audit" in policy
