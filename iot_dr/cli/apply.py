"""`iot-dr apply`: applies saved, reviewed plans."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from environments.loader import load
from iot_dr.cli.confirmation import ask_for_name
from iot_dr.cli.json_output import print_report
from iot_dr.cli.options import (
    JOBS,
    TIMEOUT,
    EnvironmentOption,
    JobsOption,
    JsonOption,
    PlansDigestOption,
    ProviderOption,
    TimeoutOption,
    UnservedOption,
    YesToChangesOption,
    given_path,
)
from iot_dr.cli.outcomes import StackProgress, failures, row, summary
from iot_dr.cli.text import echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.regular_file import KeptFile
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.apply.application import PlanApplication
from iot_dr.delivery.apply.approved_review import refuse_unless_reviewed
from iot_dr.delivery.apply.plan_folder import PlanFolder, manifest_in
from iot_dr.delivery.pipeline.variables import refuse_other_plans
from iot_dr.delivery.planning import PlanListeners
from iot_dr.delivery.region_change import refuse_apply
from iot_dr.delivery.session import RunLimits
from iot_dr.delivery.stack_plan import StackPlan
from iot_dr.delivery.state.lock import unlock_command
from iot_dr.generate.waves import subgraph
from iot_dr.terraform.schedule import Done, Outcome
from iot_dr.terraform.terraform import LOCK_WAIT
from iot_dr.terraform_json.plan_manifest import PlanManifest
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph


def apply(  # noqa: PLR0913, PLR0917 - each is an option of the command
    plans: Annotated[
        Path,
        typer.Option(help="The folder of `iot-dr plan --out`.", metavar="DIR", parser=given_path),
    ],
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    wave: Annotated[
        int | None,
        typer.Option(help="Apply only this wave's plans.", min=0, metavar="N"),
    ] = None,
    review: Annotated[
        Path | None,
        typer.Option(
            help="The approved review, as JSON: plans that change anything else are refused.",
            metavar="FILE",
            parser=given_path,
        ),
    ] = None,
    plans_sha256: PlansDigestOption = None,
    unserved: UnservedOption = None,
    yes: YesToChangesOption = False,
    jobs: JobsOption = JOBS,
    timeout: TimeoutOption = TIMEOUT,
    as_json: JsonOption = False,
) -> None:
    """Apply saved plans in dependency order, after checking their hashes.

    Refuses plans whose files changed since `iot-dr plan` (by hash) or that this code would not
    produce; Terraform refuses a plan whose state has changed. After a failure no further stack
    begins. Plans of the stand-in are applied in the kept sandbox, so they must be those of
    `plan --wave`. Exit 1 when a stack failed or was not begun.

    Plan files contain sensitive values in clear text: keep them where nobody else can read them.

    Example: iot-dr apply --env dev --plans plans --wave 2 --review review.json
    """
    start = time.monotonic()
    settings = load(env)
    kept, approved = _kept_files(plans, review, plans_sha256)
    application = PlanApplication(
        settings=settings,
        provider=Provider.select(provider, env, os.environ),
        plans=kept,
        wave=wave,
        limits=RunLimits(jobs=jobs, timeout=timeout),
        lock_wait=LOCK_WAIT,
        warn=_warn,
    )
    names = [stack.name for stack in application.stacks]
    if approved is not None:
        refuse_unless_reviewed(plans, settings, approved, kept.manifest)
    changes_aws = bool(names) and application.provider is Provider.AWS
    if changes_aws and not yes:
        ask_for_name(env, "changed by these plans", "--yes")
    if not as_json:
        echo(application.provider.banner_for_changes(settings.account_id))
    if changes_aws:
        refuse_apply(settings, {*names}, unserved or (), _warn)
    outcomes, failed = _applied(application, names)
    report = ApplyReport(env, wave, outcomes, time.monotonic() - start)
    exit_status = 0 if report.is_whole else ExitStatus.FAILED
    print_report("apply", report, exit_status, env, as_json=as_json)
    for failure in failed:
        echo(f"\n{failure}", err=True)
    raise typer.Exit(exit_status)


def _warn(warning: str) -> None:
    echo(f"warning: {warning}", err=True)


def _kept_files(
    plans: Path, review: Path | None, digest: str | None
) -> tuple[PlanFolder, KeptFile | None]:
    """Return the plans and the approved review; raises UserError unless they have the digest."""
    manifest, approved = manifest_in(plans), KeptFile.read(review) if review else None
    if digest is not None:
        if approved is None:
            raise UsageError(
                "--plans-sha256: covers plans and their review; give the review with --review"
            )
        refuse_other_plans(manifest, approved, digest)
    return PlanFolder(plans, PlanManifest.parse(manifest)), approved


def _applied(
    application: PlanApplication, names: Sequence[str]
) -> tuple[Sequence[Outcome[StackPlan]], list[str]]:
    """Apply the plans, and return the outcomes with a text for each failure."""
    settings = application.settings
    progress = StackProgress(subgraph(platform_graph(settings), names).nodes)
    listeners = PlanListeners(on_phase=progress.phase, on_outcome=progress.outcome)
    unlock = partial(unlock_command, settings.environment, application.provider.value)
    with progress.shown(), application.applied(listeners) as (session, outcomes):
        return outcomes, list(failures(session, outcomes, unlock))


@dataclass(frozen=True)
class ApplyReport:
    """The outcomes, in the order of the graph, and the seconds that the run took."""

    environment: str
    wave: int | None
    outcomes: Sequence[Outcome[StackPlan]]
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Whether every stack was applied."""
        return all(isinstance(outcome, Done) for outcome in self.outcomes)

    def text(self) -> str:
        """Return a line for each stack, and a summary."""
        return "\n".join(self._lines())

    def document(self) -> dict[str, Any]:
        """Return the same as JSON values; no attribute values are in it."""
        return {
            "environment": self.environment,
            "wave": self.wave,
            "seconds": round(self.seconds, 3),
            "stacks": [row(outcome, "applied") for outcome in self.outcomes],
        }

    def _lines(self) -> Iterator[str]:
        for outcome in self.outcomes:
            node, is_done = outcome.node, isinstance(outcome, Done)
            lead = "applied: " if is_done else ""
            yield f"{node.name} ({node.region}, {node.role or 'global'}): {lead}{summary(outcome)}"
        done = sum(isinstance(outcome, Done) for outcome in self.outcomes)
        which = f"wave {self.wave}, " if self.wave is not None else ""
        count = f"{done} of {len(self.outcomes)} stacks applied"
        yield f"{self.environment}: {which}{count} in {self.seconds:.1f} s"
