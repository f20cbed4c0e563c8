"""A change of the checks in the runbook's order: no record ever uses a deleted check."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import iot_dr_here
from tests.support.project import Project
from tests.support.runbook import Walk
from tests.support.sandbox_run import apply_once, changes, sandbox_run

pytestmark = pytest.mark.usefixtures("lent")

Settings = dict[str, object]

DEEP: Settings = {"health": {"mode": "deep", "interval": 30}}
SHALLOW: Settings = {"health": {"mode": "shallow", "interval": 30}}
FASTER: Settings = {"health": {"mode": "deep", "interval": 10}}
REGIONAL = ("-iot-eu-west-1", "-iot-eu-central-1")


class World:
    """An environment in the sandbox of a project, whose settings change."""

    def __init__(self, folder: Path) -> None:
        self.project = Project.copy(folder / "project")
        self.sandbox = self.project.folder / ".sandbox" / "dev"
        self.scratch = folder / "scratch"
        self.scratch.mkdir()

    def apply(self, settings: Settings, *what: str) -> int:
        """Apply the stacks with these name endings, or all; return the number of changes."""
        with sandbox_run(self.sandbox, self.scratch, **settings) as run:
            return sum(len(changes(each)) for each in run.plan(*what, apply=True).values())

    def checks(self) -> set[str]:
        """Return the ids of the existing health checks."""
        return {each["id"] for each in self._instances("aws_route53_health_check")}

    def asked(self) -> set[str]:
        """Return the ids of the checks that records and calculated checks use."""
        records = self._instances("aws_route53_record")
        asked = {each["health_check_id"] for each in records if each.get("health_check_id")}
        for check in self._instances("aws_route53_health_check"):
            asked.update(check.get("child_healthchecks") or [])
        return asked

    def _instances(self, type_: str) -> Iterator[dict[str, Any]]:
        for file in (self.sandbox / "s3").rglob("*.tfstate"):
            for resource in json.loads(file.read_bytes())["resources"]:
                if resource["type"] == type_:
                    yield from (each["attributes"] for each in resource["instances"])


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    apply_once(world.sandbox, **DEEP)
    assert world.asked()
    assert world.asked() <= world.checks()
    return world


def by_cdktf(world: World, command: str, *_: str) -> None:
    world.project.edit("environments/dev.yaml", "mode: deep", "mode: shallow")
    assert "Apply complete!" in world.project.cdktf(command)


def by_terraform(world: World, command: str, *_: str) -> None:
    """Apply what cdktf would apply, without its start and its second synthesis."""
    assert command.split()[3:] == ["iot-dev-entry-point", "--ignore-missing-stack-dependencies"]
    assert world.apply(SHALLOW, "-entry-point") > 0


def by_wave(world: World, _: str, plan: str, apply: str) -> None:
    world.project.edit("environments/dev.yaml", "mode: deep", "mode: shallow")
    for command in (plan, apply):
        words = command.replace("--provider aws", "--provider standin").split()
        done = iot_dr_here(*words[1:], cwd=world.project.folder)
        assert done.returncode == 0, done.stderr
        assert "iot-dev-entry-point" in done.stdout
        assert "iot-dev-iot-" not in done.stdout


@pytest.mark.exhaustive
@pytest.mark.parametrize("deploy", [by_terraform, by_cdktf, by_wave])
@pytest.mark.runbook("health.md", "Change what is checked")
def test_the_interval_changes_through_shallow_and_every_record_uses_an_existing_check(
    walk: Walk, world: World, deploy: Callable[[World, str, str, str], None]
) -> None:
    before = world.checks()
    beginnings = ("ENV=dev node_modules/.bin/cdktf deploy", "iot-dr plan", "iot-dr apply")
    cdktf, plan, apply = (walk.next(each).text for each in beginnings)
    deploy(world, cdktf, plan, apply)
    assert world.asked() <= world.checks()
    assert world.apply(SHALLOW, "-entry-point") == 0
    for settings, what in (
        (SHALLOW, REGIONAL),
        (FASTER, REGIONAL),
        (FASTER, ["-entry-point"]),
    ):
        assert world.apply(settings, *what) > 0
        assert world.asked() <= world.checks(), (settings, what)
    assert world.apply(FASTER) == 0
    assert len(world.checks()) == len(before)


def test_the_interval_changed_at_once_leaves_a_record_with_a_deleted_check(world: World) -> None:
    assert world.apply(FASTER, *REGIONAL) > 0
    assert not world.asked() <= world.checks()
