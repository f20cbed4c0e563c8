"""`iot-dr rotate`: a new server certificate for one region."""

import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Self

import typer

from environments.loader import load_without_cross_checks
from environments.settings import LookedUpZone
from iot_dr.cli.confirmation import RefusedError, refuse_without_terminal, typed_yes
from iot_dr.cli.drain import DrainOption, drain_line
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import EnvironmentOption, JsonOption, ProviderOption, YesOption
from iot_dr.cli.progress import Display
from iot_dr.cli.rotate_report import (
    abandon_lines,
    document,
    done_lines,
    left_away_lines,
    look_lines,
    repaired_lines,
    step_lines,
)
from iot_dr.cli.text import echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.terraform_binary import product
from iot_dr.common.user_error import UserError
from iot_dr.observe.status.network import Network
from iot_dr.observe.switch.probe import probe
from iot_dr.operate.rotate.provider_account import refuse_provider_mismatch
from iot_dr.operate.rotate.rotation_run import RotationResult, RotationRun
from iot_dr.operate.rotate.rotation_target import RotationTarget, RotationTimeouts
from iot_dr.operate.rotate.rotation_terraform import workbench
from iot_dr.operate.rotate.situation import STEPS, RotationSituation, Step
from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform_json.provider_choice import Provider


def rotate(  # noqa: PLR0913, PLR0917 - one argument for each option
    region: Annotated[str, typer.Option(help="Region of the environment.", metavar="REGION")],
    env: EnvironmentOption,
    provider: ProviderOption = None,
    yes: YesOption = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Continue although devices still connect to the region, or a name's certificate"
            " cannot be read. If the region has no endpoint and its switch's alarm region does not"
            " answer, only recreate the endpoint.",
        ),
    ] = False,
    abandon: Annotated[
        bool,
        typer.Option("--abandon", help="End a rotation that has replaced nothing yet."),
    ] = False,
    drain: DrainOption = None,
    as_json: JsonOption = False,
) -> None:
    """Replace a region's server certificate while another region serves devices.

    Switches the region away, waits until it is drained, deletes and recreates the certificate and
    the domain configurations, waits until it is served (up to 60 minutes), and switches back. Shows
    the steps and Terraform's plan first; any answer but `yes` changes nothing. If it is stopped,
    the same command continues, on any machine. Exit 0 when done, 1 if AWS, Terraform or you refuse
    or a wait took too long, 2 for a usage error, 130 for Ctrl-C.

    Example: iot-dr rotate --region eu-central-1 --env prod --provider aws
    """
    options = RotateOptions(
        environment=env,
        region=region,
        provider=provider,
        yes=yes,
        force=force,
        abandon=abandon,
        as_json=as_json,
        drain=drain,
    )
    raise typer.Exit(run(options, options.target()))


class CertificateOwnerError(UserError):
    """The environment's certificates are not its own, so it cannot replace them."""


@dataclass(frozen=True, kw_only=True)
class RotateOptions:
    """The arguments of the command."""

    environment: str
    region: str
    provider: str | None
    yes: bool
    force: bool
    abandon: bool
    as_json: bool
    drain: float | None = None

    @property
    def resume_command(self) -> str:
        """The command that continues the rotation."""
        provider = f" --provider {self.provider}" if self.provider else ""
        drain = f" --drain {self.drain:g}" if self.drain else ""
        return f"iot-dr rotate --region {self.region} --env {self.environment}{provider}{drain}"

    def target(self) -> RotationTarget:
        """Return the rotation's target.

        Raises SettingsError, and CertificateOwnerError if the region's certificates are not the
        environment's own.
        """
        settings = load_without_cross_checks(self.environment)
        if isinstance(settings.zone, LookedUpZone):
            raise CertificateOwnerError(
                f"{self.environment}: zone: lookup: the certificates belong to another state;"
                " replace one there while the region is switched away (docs/runbooks/rotate.md)"
            )
        if settings.existing and settings.existing.region == self.region:
            raise CertificateOwnerError(
                f"{self.environment}: existing: {self.region} serves the device name with the"
                f" certificate {settings.existing.certificate_arn} of another owner, which"
                f" {product()} does not replace; import one that was imported into the same ARN"
                " again, with its new key: aws acm import-certificate --certificate-arn ARN; ACM"
                " renews one that it issued (docs/how-to/adopt.md)"
            )
        return RotationTarget(
            settings=settings,
            region=self.region,
            provider=Provider.select(self.provider, self.environment, os.environ),
            workbench=workbench,
            network=Network.current(),
            prober=probe,
            waits=RotationTimeouts(),
            is_forced=self.force,
            drain_rate=self.drain,
        )

    def print_lines(self, lines: Iterable[str]) -> None:
        """Print lines for people, on standard error if the output is JSON."""
        for line in lines:
            echo(line, err=self.as_json)


class RotateProgress:
    """Prints a line for each step and each change of its wait; on a terminal the last is live.

    `texts` describe the steps; `step` is the current one.
    """

    def __init__(self, texts: dict[Step, str]) -> None:
        self.step: Step | None = None
        self._texts, self._waits_for, self._current = texts, "", ""
        self._display = Display(lambda: self._current)

    @contextmanager
    def shown(self) -> Generator[Self]:
        """Show the progress during a `with` block."""
        with self._display.shown():
            yield self

    def begin(self, step: Step) -> None:
        """Print the step that begins."""
        self.step, self._waits_for = step, ""
        self._line(f"{STEPS.index(step) + 1}. {self._texts[step]}")

    def wait(self, seconds: float, missing: str) -> None:
        """Show what is missing: a line for each change, or a live line on a terminal."""
        waits = f"   {seconds:4.0f} s: {missing}"
        if self._display.is_live:
            self._current = waits
        elif missing != self._waits_for:
            self._line(waits)
        self._waits_for = missing

    def report(self, text: str) -> None:
        """Print something that was done or read."""
        self._line(f"   {text}")

    def _line(self, text: str) -> None:
        self._current = ""
        self._display.line(text)


def run(options: RotateOptions, site: RotationTarget) -> int:
    """Show the situation, confirm, rotate; return 0, 1 if declined, or 130 for Ctrl-C.

    Raises UserError if it is refused or a wait took too long, and TerraformError; the same command
    then continues.
    """
    site.switching("away")
    refuse_provider_mismatch(site.provider)
    if not options.yes:
        refuse_without_terminal("rotate")
    progress = RotateProgress(step_lines(site.settings, options.region))
    try:
        return _run(options, RotationRun(site=site), progress)
    except KeyboardInterrupt:
        echo(f"\n{_interruption(options, progress, 'Interrupted')}", err=True)
        return ExitStatus.INTERRUPTED
    except (TerraformError, UserError):
        if progress.step is not None:
            echo(_interruption(options, progress, "Stopped"), err=True)
        raise


def _run(options: RotateOptions, rotating: RotationRun, progress: RotateProgress) -> int:
    if rotating.site.provider is Provider.STANDIN:
        options.print_lines([rotating.site.provider.banner])
    how = "reading the states" if options.abandon else f"planning with {product()}"
    echo(f"Checking the region, and {how}; nothing is changed yet.", err=True)
    look = rotating.look(only_state=options.abandon)
    options.print_lines(abandon_lines(look) if options.abandon else look_lines(look))
    drains = look.step in {"away", "drain"} and not options.abandon
    if drains and (draining := rotating.site.draining()):
        options.print_lines([drain_line(draining, draining.look(look.switch.outlook))])
    if refusals := _refusals(options, look):
        _print(options, look, "refused", ExitStatus.FAILED)
        raise RefusedError("\n".join(f"Refused: {reason}" for reason in refusals))
    if not options.yes and not typed_yes("abandon the rotation" if options.abandon else "rotate"):
        _print(options, look, "declined", ExitStatus.FAILED)
        echo("Declined: nothing was changed.", err=True)
        return ExitStatus.FAILED
    _carry_out(options, rotating, look, progress)
    return 0


def _carry_out(
    options: RotateOptions,
    rotating: RotationRun,
    look: RotationSituation,
    progress: RotateProgress,
) -> None:
    if options.abandon:
        with progress.shown():
            rotation, away = rotating.abandon(look, progress)
        options.print_lines(
            [f"The rotation of {options.region} is abandoned; its certificate is unchanged."]
        )
        options.print_lines(left_away_lines(look, rotation, away))
        _print(options, look, "abandoned")
    elif look.is_repair:
        with progress.shown():
            arn = rotating.repair(look, progress)
        options.print_lines(repaired_lines(look, arn))
        _print(options, look, "repaired")
    else:
        with progress.shown():
            rotated = rotating.resume(look, progress)
        options.print_lines(done_lines(look, rotated))
        _print(options, look, "done", rotated=rotated)


def _refusals(options: RotateOptions, look: RotationSituation) -> list[str]:
    if not options.abandon:
        return [*look.refusals()]
    problem = look.abandon_problem()
    return [problem] if problem else []


def _print(
    options: RotateOptions,
    look: RotationSituation,
    outcome: str,
    exit_status: int = 0,
    rotated: RotationResult | None = None,
) -> None:
    if options.as_json:
        content = document(look, outcome, rotated)
        print_document("rotate", content, exit_status, options.environment)


def _interruption(options: RotateOptions, progress: RotateProgress, how: str) -> str:
    if progress.step is None:
        return f"{how}: nothing was changed."
    number = STEPS.index(progress.step) + 1
    return f"{how} in step {number}; nothing is lost. To continue: {options.resume_command}"
