"""The runbooks that add and remove a region, with the pages' own commands."""

import shutil
from pathlib import Path

import pytest

from iot_dr.terraform_json.change import Action
from tests.support.project import Project
from tests.support.relay import lose_bucket
from tests.support.runbook import Walk
from tests.support.sandbox_run import Outcomes, apply_once, changes, sandbox_run
from tests.support.settings import settings

pytestmark = pytest.mark.usefixtures("lent")

WEST, CENTRAL, NORTH = "eu-west-1", "eu-central-1", "eu-north-1"
TWO, THREE = [WEST, CENTRAL], [WEST, CENTRAL, NORTH]
FILE = "environments/dev.yaml"


class Place:
    """A project whose environment `dev` has some regions, and its sandbox.

    `blocks` are settings of the stacks besides the regions.
    """

    def __init__(self, folder: Path, regions: list[str], **blocks: object) -> None:
        self.blocks = blocks
        self.project = Project.copy(folder / "project")
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        self.set(regions)
        self.project.commit()

    def set(self, regions: list[str], leaving: str = "") -> None:
        """Write the regions into the file, with or without a line of leaving regions after them."""
        text = (self.project.folder / FILE).read_text(encoding="utf-8")
        kept = [line for line in text.splitlines() if not line.startswith("leaving_regions:")]
        number = next(n for n, line in enumerate(kept) if line.startswith("regions:"))
        kept[number] = f"regions: [{', '.join(regions)}]"
        if leaving:
            kept.insert(number + 1, f"leaving_regions: [{leaving}]")
        (self.project.folder / FILE).write_text("\n".join([*kept, ""]), encoding="utf-8")
        self.regions = regions

    def planned(self, *what: str, apply: bool = False) -> Outcomes:
        """Plan the stacks of the current regions, none of which is leaving."""
        own = {"regions": self.regions, **self.blocks}
        with sandbox_run(self.project.sandbox, self.scratch, **own) as run:
            return run.plan(*what, apply=apply)


def of_bucket(outcomes: Outcomes, region: str) -> set[Action]:
    """Return the plan for the state bucket of a region."""
    ending = f".state_{region.replace('-', '_')}"
    return {
        change.action
        for change in changes(outcomes["iot-dev-state"])
        if change.address.startswith("aws_s3_bucket") and change.address.endswith(ending)
    }


@pytest.mark.exhaustive
@pytest.mark.runbook("add-region.md", "Plan")
@pytest.mark.runbook("remove-region.md", "Plan", "Deploy")
@pytest.mark.runbook("add-region.md", "A region that was here before")
def test_a_region_is_added_removed_and_added_again(walk: Walk, tmp_path: Path) -> None:
    place = Place(tmp_path, TWO)
    place.set(THREE)
    walk.step(place.project.here, "iot-dr plan")
    apply_once(place.project.sandbox, regions=THREE)
    place.project.commit()

    place.set(TWO, leaving=NORTH)
    walk.step(place.project.here, "iot-dr plan")
    walk.step(place.project.here, "iot-dr check")
    walk.step(place.project.here, "iot-dr deploy")
    walk.step(place.project.run, "rm -r plans")
    assert not (place.project.folder / "plans").exists()
    place.set(TWO)
    assert [changes(each) for each in place.planned().values()] == [()] * 5
    assert (
        place.project.sandbox / "s3" / settings(leaving_regions=[NORTH]).state_bucket(NORTH)
    ).is_dir()

    place.set(THREE)
    with place.project.terraform() as shell:
        shell.run("terraform init", "iot-dev-state")
        while walk.left:
            shell.step(walk, "terraform import")
    assert of_bucket(place.planned("-state"), NORTH) == {Action.UPDATE}


@pytest.mark.exhaustive
@pytest.mark.runbook("remove-region.md", "The region is gone for good")
def test_a_region_that_is_gone_for_good_is_removed_from_the_states(
    walk: Walk, tmp_path: Path
) -> None:
    # In this order it is the first alarm region of the primary's switch, and watches the primary.
    place = Place(tmp_path, [WEST, NORTH, CENTRAL])
    apply_once(place.project.sandbox, regions=place.regions)
    lose_bucket(place.project.sandbox, settings(leaving_regions=[NORTH]).state_bucket(NORTH))
    place.set(TWO)
    with pytest.raises(AssertionError, match="Provider configuration not present"):
        changes(place.planned("-state")["iot-dev-state"])
    walk.step(place.project.here, "iot-dr state abandon")
    walk.step(place.project.here, "iot-dr state abandon")
    ended = place.planned(apply=True)
    assert of_bucket(ended, NORTH) == set()
    entry_point = {each.address: each.action for each in changes(ended["iot-dev-entry-point"])}
    alarm = "aws_cloudwatch_metric_alarm.switch_eu_west_1_in"
    # The primary's switch has a second alarm region, whose alarm keeps its state.
    assert f"{alarm}_eu_central_1" not in entry_point
    assert f"{alarm}_eu_north_1" not in entry_point
    assert entry_point["aws_route53_health_check.switch_eu_west_1"] is Action.UPDATE
    assert entry_point["aws_route53_health_check.switch_eu_west_1_second"] is Action.DESTROY
    assert entry_point["aws_route53_health_check.tcp_eu_north_1"] is Action.DESTROY
    assert [changes(each) for each in place.planned().values()] == [()] * 5


@pytest.mark.exhaustive
def test_a_region_that_was_abandoned_comes_back_with_the_states_that_it_kept(
    tmp_path: Path,
) -> None:
    place = Place(tmp_path, [WEST, NORTH, CENTRAL])
    apply_once(place.project.sandbox, regions=place.regions)
    bucket = settings(leaving_regions=[NORTH]).state_bucket(NORTH)
    kept = shutil.copytree(place.project.sandbox / "s3" / bucket, tmp_path / "kept")
    lose_bucket(place.project.sandbox, bucket)
    place.set(TWO)
    abandon = f"iot-dr state abandon --region {NORTH} --env dev"
    place.project.here(f"{abandon} --confirm {NORTH}")
    place.planned(apply=True)

    # The region is back, with its bucket and everything else that it had.
    shutil.copytree(kept, place.project.sandbox / "s3" / bucket)
    place.set(THREE)
    refused = place.project.try_here(f"{abandon} --confirm {NORTH}")
    assert refused.returncode == 2
    line = place.project.line_of(FILE, "regions:")
    assert (
        f"environments/dev.yaml:{line}: regions[2]: '{NORTH}' is still in regions" in refused.stderr
    )
    planned = place.planned()
    assert changes(planned[f"iot-dev-iot-{NORTH}"]) == ()
    assert of_bucket(planned, NORTH) == {Action.CREATE}
    place.set(TWO)
    refused = place.project.try_here(f"{abandon} --confirm {NORTH}")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"{bucket} ({NORTH}) answers: ")
