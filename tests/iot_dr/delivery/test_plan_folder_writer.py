"""The folder of kept plans."""

from pathlib import Path

import pytest

from iot_dr.delivery.plan_folder_writer import PlanProvenance, PlansNotWrittenError, write_plans
from iot_dr.terraform_json.plan_manifest import PlanManifest, PlannedStack
from iot_dr.terraform_json.provider_choice import Provider
from tests.support.full_disk import largest_file
from tests.support.settings import settings

MAKING = PlanProvenance(settings(), Provider.STANDIN, None, None)


def test_the_plans_that_a_former_manifest_names_go_and_nothing_else(tmp_path: Path) -> None:
    former = PlannedStack(
        name="iot-dev-state", what="state", region="eu-west-1", role=None, wave=1, status="planned"
    )
    made = PlanManifest(
        format=1, environment="dev", provider="standin", wave=1, base=None, stacks=(former,)
    )
    for name in ("iot-dev-state.tfplan", "iot-dev-state.json", "mine.json", "mine.tfplan"):
        (tmp_path / name).touch()
    (tmp_path / "manifest.json").write_bytes(made.encoded())
    write_plans(tmp_path, MAKING, [])
    left = {each.name for each in tmp_path.iterdir()}
    assert left == {"manifest.json", "mine.json", "mine.tfplan"}


def test_plans_without_room_are_reported_with_what_to_do(tmp_path: Path) -> None:
    problem = "kept: File too large; free some space there and run the command again$"
    with pytest.raises(PlansNotWrittenError, match=problem), largest_file(100):
        write_plans(tmp_path, MAKING, [])
    assert list(tmp_path.iterdir()) == []
