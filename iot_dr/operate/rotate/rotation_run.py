"""Runs a rotation from its first unfinished step."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, cast

from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.gathering import gather
from iot_dr.observe.switch.audit import AuditEntry, AuditRecord
from iot_dr.observe.switch.rotation import Outcome, Rotation, RotationRecord
from iot_dr.operate.rotate.claim import Claim, ConcurrentRotationError
from iot_dr.operate.rotate.rotation_target import RotationTarget
from iot_dr.operate.rotate.rotation_terraform import PlannedRun, RotationTerraform
from iot_dr.operate.rotate.runs import run_before, runs
from iot_dr.operate.rotate.situation import RotationSituation
from iot_dr.operate.rotate.steps import Reporter, Steps

_LOOK_SECONDS: Final = 10.0


class AbandonError(UserError):
    """A rotation cannot be abandoned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationResult:
    """The record of a rotation, and the new certificate's ARN and SHA-256.

    `away` is the switch's record if somebody else has switched the region away; it then stays away.
    """

    rotation: Rotation
    arn: str
    fingerprint: str
    away: AuditEntry | None


@dataclass(frozen=True, kw_only=True)
class RotationRun:
    """A run of one region's rotation; every step first checks whether it is done."""

    site: RotationTarget

    def look(self, *, only_state: bool = False) -> RotationSituation:
        """Read the situation, with Terraform's plans unless `only_state`.

        Changes nothing. Raises UsageError for a region of another environment, and what
        `Switching.observe`, `workbench` and `RotationTerraform.plan` raise.
        """
        site = self.site
        switch = site.look()
        works = {region: partial(site.log.newest, region) for region in site.settings.regions}
        records = cast("Mapping[str, RotationRecord | UserError]", gather(works, _LOOK_SECONDS))
        own = records[site.region]
        with site.workbench(site.settings, site.provider) as bench:
            arn, standing = bench.certificate(site.owner), bench.addresses(site.regional)
            plans = () if only_state else _plans(bench, site, own, arn)
        return RotationSituation(
            settings=site.settings,
            region=site.region,
            switch=switch,
            elsewhere=site.elsewhere(switch),
            records=records,
            arn=arn,
            standing=standing,
            plans=plans,
            served=site.serving(arn).look() if arn else None,
            is_forced=site.is_forced,
        )

    def resume(self, look: RotationSituation, reporter: Reporter) -> RotationResult:
        """Do the remaining steps.

        Raises ConcurrentRotationError if there is a newer record than in the situation, AwsError,
        and what the methods of `Steps` raise; a later call continues. Ctrl-C raises
        KeyboardInterrupt, but not while the switch is set or Terraform applies.
        """
        steps, who = Steps(site=self.site, reporter=reporter), look.switch.who
        claim = self._claimed(look)
        arn = str(look.arn)
        if look.step != "back":
            if not look.is_away:
                steps.set_switch("away", who)
            if not look.is_replaced:
                if look.has_endpoint:
                    steps.drain()
                arn = steps.replace(claim, has_endpoint=look.has_endpoint)
        fingerprint = steps.serve(arn)
        rotation, away = self._ended(claim, steps, who, "done")
        return RotationResult(rotation=rotation, arn=arn, fingerprint=fingerprint, away=away)

    def repair(self, look: RotationSituation, reporter: Reporter) -> str:
        """Recreate the endpoint without its alarm region; return the certificate's ARN.

        Does not set the switch or write a record. Raises WaitTimeoutError, TerraformError and
        UnexpectedChangeError.
        """
        assert look.is_repair  # noqa: S101 - with an alarm region it is a rotation
        steps = Steps(site=self.site, reporter=reporter)
        arn = steps.repair()
        steps.serve(arn)
        return arn

    def abandon(
        self, look: RotationSituation, reporter: Reporter
    ) -> tuple[Rotation, AuditEntry | None]:
        """Switch the region back and end the rotation, which has replaced nothing yet.

        Returns the record, and the switch's record if somebody else has switched the region away;
        it then stays away. Raises AbandonError if no rotation is unfinished, or it has replaced
        something; ConcurrentRotationError for a newer record; AwsError, NoRecordError.
        """
        begun = look.under_way
        if problem := look.abandon_problem():
            raise AbandonError(problem)
        assert begun is not None  # noqa: S101 - there would be nothing to abandon
        self._refuse_newer(look)
        claim = Claim(site=self.site, rotation=begun, switch=_number(look))
        steps = Steps(site=self.site, reporter=reporter)
        return self._ended(claim, steps, look.switch.who, "abandoned")

    def _ended(
        self, claim: Claim, steps: Steps, who: str, outcome: Outcome
    ) -> tuple[Rotation, AuditEntry | None]:
        """Switch back, unless the region stays away, and record the end."""
        claim.refuse_newer()
        away = None if claim.rotation.was_away else claim.foreign_away()
        if not claim.rotation.was_away and away is None:
            steps.set_switch("back", who)
            claim.refuse_newer()
        ended = claim.rotation.by(who, outcome)
        self.site.log.write(self.site.region, ended)
        return ended, away

    def _claimed(self, look: RotationSituation) -> Claim:
        """Record that the rotation begins, or who continues it."""
        self._refuse_newer(look)
        site, who = self.site, look.switch.who
        begun = look.under_way or Rotation.begun(who, str(look.arn), was_away=look.is_away is True)
        own = begun.by(who)
        site.log.write(site.region, own)
        if look.under_way is None:
            try:
                self._refuse_newer(look, but=site.region)
            except ConcurrentRotationError:
                # A concurrent rotation of another region sees this record, and ends too.
                site.log.write(site.region, own.by(who, "abandoned"))
                raise
        return Claim(site=site, rotation=own, switch=_number(look))

    def _refuse_newer(self, look: RotationSituation, but: str | None = None) -> None:
        """Raise ConcurrentRotationError if a region has a newer record than in the situation."""
        for region, seen in look.records.items():
            if isinstance(seen, UserError) or region == but:
                continue
            newest = self.site.log.newest(region)
            if newest.number != seen.number and newest.rotation:
                raise ConcurrentRotationError(
                    f"the rotation of {region} has a newer record: {newest.rotation.line()};"
                    " nothing was changed: run the command again"
                )


def _plans(
    bench: RotationTerraform, site: RotationTarget, own: RotationRecord | UserError, arn: str | None
) -> tuple[PlannedRun, ...]:
    """Return the remaining plans in order; an unfinished rotation keeps its new certificate.

    If the record cannot be read, no plan replaces the certificate: that may have happened already.
    """
    begun = None if isinstance(own, UserError) else own.under_way
    if arn is None and begun is None and not isinstance(own, UserError):
        return ()
    is_new = isinstance(own, UserError) or (begun is not None and arn != begun.before)
    plans = tuple(bench.plan(run) for run in runs(site.settings, site.region, is_new=is_new))
    before = run_before(site.settings, site.region) if plans[0].changes else None
    return (bench.plan(before), *plans) if before else plans


def _number(look: RotationSituation) -> int:
    kept = look.switch.kept
    return kept.number if isinstance(kept, AuditRecord) else 0
