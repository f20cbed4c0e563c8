"""What is charged by the month, counted in synthesized stacks; and names that the run relies on."""

from pathlib import Path

import pytest

from environments.loader import load
from environments.settings import Settings
from iot_dr.acceptance.estimate import Estimate, estimate
from iot_dr.acceptance.fault import PublishFault
from iot_dr.observe.aws.clients import Clients
from tests.support.drill_worlds import write_stacks
from tests.support.settings import settings, with_data
from tests.support.synthesis import Synthesis

DEV = settings()


def estimated(chosen: Settings, folder: Path) -> Estimate:
    stacks = Synthesis(folder)(chosen)
    written = write_stacks(stacks, folder / "written")
    return estimate(written / "stacks", stacks)


def test_units_are_counted_and_priced(tmp_path: Path) -> None:
    result = estimated(DEV, tmp_path)
    counts = {unit: count for unit, count, _ in result.units}
    assert counts == {
        "hosted zone": 1, "health check": 10, "HTTPS health check": 2, "KMS key": 3, "alarm": 15,
    }  # fmt: skip
    assert result.dollars == pytest.approx(0.5 + 5 + 2 + 3 + 1.5)
    assert "Kinesis" not in result.not_priced


def test_checks_at_10_s_cost_more_and_data_is_named(tmp_path: Path) -> None:
    health = DEV.health.model_copy(update={"interval": 10})
    result = estimated(with_data(DEV.model_copy(update={"health": health})), tmp_path)
    assert ("fast health check", 4, 1.0) in result.units
    assert "hours of Kinesis streams, also idle ones, reads" in result.not_priced
    assert "CodePipeline" not in result.not_priced


def test_pipelines_are_named(tmp_path: Path) -> None:
    result = estimated(load("staging", {}), tmp_path)
    assert "minutes of CodePipeline and CodeBuild" in result.not_priced


def test_the_roles_that_are_denied_are_those_of_the_stacks(tmp_path: Path) -> None:
    names = {
        role["name"]
        for stack in Synthesis(tmp_path)(DEV).values()
        for role in stack.resources("aws_iam_role").values()
    }
    assert {*PublishFault(DEV, Clients(None)).roles} < names
