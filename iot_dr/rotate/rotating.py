"""A rotation, from wherever it was left."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, cast

from iot_dr.aws.gathering import gather
from iot_dr.rotate.look import RotationLook
from iot_dr.rotate.record import Noted, Rotation
from iot_dr.rotate.runs import run_before, runs
from iot_dr.rotate.site import Site
from iot_dr.rotate.steps import MeanwhileError, Reporter, Steps
from iot_dr.rotate.workbench import Planned, Workbench, workbench
from iot_dr.user_error import UserError

_LOOK_SECONDS: Final = 10.0


class AbandonError(UserError):
    """A rotation cannot be abandoned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What came of a rotation: its record, the new certificate's ARN and SHA-256."""

    rotation: Rotation
    arn: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Rotating:
    """Rotates the certificate of one region; every step looks first whether it is done."""

    site: Site

    def look(self) -> RotationLook:
        """See how everything stands; Terraform plans, and nothing is changed.

        Raises UsageError for a region of another environment, AwsError when AWS does not take the
        credentials, UnexpectedChangeError when more than a rotation would change, and whatever
        Terraform raises.
        """
        site = self.site
        switch = site.look()
        works = {each: partial(site.log.newest, each) for each in site.settings.regions}
        records = cast("Mapping[str, Noted | UserError]", gather(works, _LOOK_SECONDS))
        own = records[site.region]
        begun = None if isinstance(own, UserError) else own.under_way
        with workbench(site.settings, site.provider) as bench:
            arn = bench.certificate(site.owner)
            is_new = begun is not None and arn != begun.before
            plans = _plans(bench, site, is_new=is_new) if arn else ()
        return RotationLook(
            settings=site.settings,
            region=site.region,
            switch=switch,
            records=records,
            arn=arn,
            plans=plans,
            served=site.serving(arn).look() if arn else None,
        )

    def go_on(self, look: RotationLook, reporter: Reporter) -> Rotated:
        """Do what is left to do.

        Raises MeanwhileError when somebody else was at it since the look, NotInTimeError when a
        wait is too long, AwsError and TerraformError; a later call goes on. Ctrl-C is raised as
        KeyboardInterrupt, in the middle of no put and of no change of Terraform's.
        """
        steps, who = Steps(site=self.site, reporter=reporter), look.switch.who
        rotation = self._noted(look)
        arn = str(look.arn)
        if look.step != "back":
            if not look.is_away:
                steps.put("away", who)
            if not look.is_replaced:
                if look.has_endpoint:
                    steps.drain()
                arn = steps.replace(rotation)
        fingerprint = steps.serve(arn)
        if not rotation.was_away:
            steps.put("back", who)
        done = rotation.by(who, "done")
        self.site.log.write(self.site.region, done)
        return Rotated(rotation=done, arn=arn, fingerprint=fingerprint)

    def abandon(self, look: RotationLook, reporter: Reporter) -> Rotation:
        """Give the region its devices back and end the rotation, while it serves as it did.

        Raises AbandonError when there is nothing to abandon, or no way back.
        """
        begun, site = look.under_way, self.site
        if problem := look.no_way_back():
            raise AbandonError(problem)
        assert begun is not None  # noqa: S101 - there would be nothing to abandon
        self._refuse_meanwhile(look)
        if not begun.was_away:
            Steps(site=site, reporter=reporter).put("back", look.switch.who)
        ended = begun.by(look.switch.who, "abandoned")
        site.log.write(site.region, ended)
        return ended

    def _noted(self, look: RotationLook) -> Rotation:
        """Keep that the rotation is begun, or who goes on with it."""
        self._refuse_meanwhile(look)
        site, who = self.site, look.switch.who
        begun = look.under_way or Rotation.begun(who, str(look.arn), was_away=look.is_away is True)
        mine = begun.by(who)
        site.log.write(site.region, mine)
        if look.under_way is None:
            try:
                self._refuse_meanwhile(look, but=site.region)
            except MeanwhileError:
                # Whoever began elsewhere in the same moment sees this one, and ends theirs too.
                site.log.write(site.region, mine.by(who, "abandoned"))
                raise
        return mine

    def _refuse_meanwhile(self, look: RotationLook, but: str | None = None) -> None:
        """Raise MeanwhileError when a record is newer than the one that was looked at."""
        for region, seen in look.records.items():
            if isinstance(seen, UserError) or region == but:
                continue
            newest = self.site.log.newest(region)
            if newest.number != seen.number and newest.rotation:
                raise MeanwhileError(
                    f"somebody was at the rotation of {region} meanwhile:"
                    f" {newest.rotation.line()}; nothing was changed: run the command again"
                )


def _plans(bench: Workbench, site: Site, *, is_new: bool) -> tuple[Planned, ...]:
    """Plan all that is to be done, in its order."""
    plans = tuple(bench.plan(each) for each in runs(site.settings, site.region, is_new=is_new))
    before = run_before(site.settings, site.region) if plans[0].changes else None
    return (bench.plan(before), *plans) if before else plans
