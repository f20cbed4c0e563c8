"""The work of `iot-dr rotate`."""

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import typer

from environments.loader import load_alone
from iot_dr.cli.rotate_end import done_lines, left_away_lines, repaired_lines
from iot_dr.cli.rotate_progress import RotateProgress
from iot_dr.cli.rotate_report import abandon_lines, document, look_lines, step_lines
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.observe.status.network import Network
from iot_dr.observe.switch.probe import probe
from iot_dr.operate.rotate.look import STEPS, RotationLook
from iot_dr.operate.rotate.mixture import refuse_mixture
from iot_dr.operate.rotate.rotating import Rotating
from iot_dr.operate.rotate.site import Site, Waits
from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform_json.provider_choice import Provider

_INTERRUPTED: Final = 130
_DECLINED: Final = 1


class RefusedError(UserError):
    """Something speaks against the rotation."""


@dataclass(frozen=True, kw_only=True)
class RotateWish:
    """What an operator asks for."""

    environment: str
    region: str
    provider: str | None
    yes: bool
    force: bool
    abandon: bool
    as_json: bool

    @property
    def again(self) -> str:
        """The command that goes on."""
        provider = f" --provider {self.provider}" if self.provider else ""
        return f"iot-dr rotate --region {self.region} --env {self.environment}{provider}"

    def tell(self, lines: Iterable[str]) -> None:
        """Print lines for people: beside the document, when there is one."""
        for line in lines:
            typer.echo(line, err=self.as_json)


def run(
    wish: RotateWish,
    network: Network | None = None,
    waits: Waits | None = None,
    prober: Callable[[str], None] = probe,
) -> int:
    """Show, ask, rotate and tell; give the exit status: 0, 1 when declined, 130 for Ctrl-C.

    Raises UserError when it is refused or a wait was too long, TerraformError; the same command
    goes on then.
    """
    settings = load_alone(wish.environment)
    provider = Provider.chosen(wish.provider, wish.environment, os.environ)
    site = Site(
        settings=settings,
        region=wish.region,
        provider=provider,
        network=network or Network.public(),
        prober=prober,
        waits=waits or Waits(),
        is_forced=wish.force,
    )
    site.switching("away")
    refuse_mixture(provider)
    if not wish.yes and not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on; add --yes to rotate without a question")
    progress = RotateProgress(step_lines(settings, wish.region))
    try:
        return _run(wish, Rotating(site=site), progress)
    except KeyboardInterrupt:
        typer.echo(f"\n{_cut_short(wish, progress, 'Interrupted')}", err=True)
        return _INTERRUPTED
    except (TerraformError, UserError):
        if progress.step is not None:
            typer.echo(_cut_short(wish, progress, "Stopped"), err=True)
        raise


def _run(wish: RotateWish, rotating: Rotating, progress: RotateProgress) -> int:
    if rotating.site.provider is Provider.STANDIN:
        wish.tell([rotating.site.provider.banner])
    how = "reading Terraform's states" if wish.abandon else "planning with Terraform"
    typer.echo(f"Looking, and {how}; nothing is changed yet.", err=True)
    look = rotating.look(only_state=wish.abandon)
    wish.tell(abandon_lines(look) if wish.abandon else look_lines(look))
    if refusals := _refusals(wish, look):
        _print(wish, look, "refused")
        raise RefusedError("\n".join(f"Refused: {each}" for each in refusals))
    if not wish.yes and not _typed_yes(wish):
        _print(wish, look, "declined")
        typer.echo("Declined: nothing was changed.", err=True)
        return _DECLINED
    if wish.abandon:
        rotation, away = rotating.abandon(look, progress)
        wish.tell([f"The rotation of {wish.region} is abandoned; its certificate is as it was."])
        wish.tell(left_away_lines(look, rotation, away))
        _print(wish, look, "abandoned")
        return 0
    if look.is_repair:
        wish.tell(repaired_lines(look, rotating.repair(look, progress)))
        _print(wish, look, "repaired")
        return 0
    rotated = rotating.go_on(look, progress)
    wish.tell(done_lines(look, rotated))
    if wish.as_json:
        typer.echo(document(look, "done", rotated))
    return 0


def _refusals(wish: RotateWish, look: RotationLook) -> list[str]:
    if not wish.abandon:
        return [*look.refusals()]
    problem = look.no_way_back()
    return [problem] if problem else []


def _print(wish: RotateWish, look: RotationLook, outcome: str) -> None:
    if wish.as_json:
        typer.echo(document(look, outcome))


def _typed_yes(wish: RotateWish) -> bool:
    what = "abandon the rotation" if wish.abandon else "rotate"
    typer.echo(f"Type `yes` to {what}: ", nl=False, err=True)
    return sys.stdin.readline().strip() == "yes"


def _cut_short(wish: RotateWish, progress: RotateProgress, how: str) -> str:
    if progress.step is None:
        return f"{how}: nothing was changed."
    number = STEPS.index(progress.step) + 1
    return f"{how} in step {number}; nothing is lost. To go on: {wish.again}"
