"""Unit tests of the app, with CDKTF's `Testing`: no Terraform, no account."""

import json
from pathlib import Path

from cdktf import Testing
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from main import build


def test_each_environment_has_a_queue_in_each_region(tmp_path: Path) -> None:
    for name, stage in build(tmp_path).items():
        for region in stage.settings.regions:
            synthesized = Testing.synth(stage.stacks[f"iot-{name}-orders-{region}"])
            expected = {"name": f"example-{name}-orders"}
            assert Testing.to_have_resource_with_properties(
                synthesized, SqsQueue.TF_RESOURCE_TYPE, expected
            )


def test_a_region_is_rolled_out_alone(tmp_path: Path) -> None:
    stage = build(tmp_path)["prod"]
    for wave in stage.rollout.waves:
        assert len({node.region for node in wave.nodes}) == 1


def test_cdktf_finds_all_stacks_of_both(tmp_path: Path) -> None:
    stages = build(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["stacks"].keys() == {name for stage in stages.values() for name in stage.stacks}
