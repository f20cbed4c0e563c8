"""The work of `iot-dr pipeline verify`."""

import os
from dataclasses import dataclass
from pathlib import Path

import typer

from environments.loader import load
from environments.pipeline import BAKE
from environments.settings import Settings
from iot_dr.common.user_error import UsageError
from iot_dr.common.waiting import Patience
from iot_dr.delivery.apply.kept import KeptPlans
from iot_dr.delivery.pipeline.bake import Bake, patience
from iot_dr.delivery.pipeline.guard import refuse_moved_states
from iot_dr.delivery.pipeline.variables import Variables, refuse_other_plans
from iot_dr.delivery.sandboxing import sandbox_folder
from iot_dr.delivery.state.opening_objects import opened_objects
from iot_dr.generate.waves import only_wave
from iot_dr.observe.aws.clients import Clients
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph
from stacks.rollout import Wave
from stacks.wave_alarms import wave_alarms


@dataclass(frozen=True, kw_only=True)
class VerifyOptions:
    """The options of the command line."""

    environment: str
    provider: str | None
    wave: int
    plans: Path | None
    review: Path | None
    plans_sha256: str | None


def run(options: VerifyOptions, given: Patience | None = None) -> None:
    """Print how it goes on, and what came of it; `given` is how long and by which clock to wait.

    Raises UserError when the next wave must not begin, or that cannot be known.
    """
    settings = load(options.environment)
    provider = Provider.chosen(options.provider, options.environment, os.environ)
    nodes = only_wave(platform_graph(settings), options.wave).nodes
    wave = Wave(number=options.wave, nodes=nodes)
    told = f"{options.environment}: wave {options.wave}"
    if options.plans is not None and options.review is not None:
        if options.plans_sha256 is not None:
            refuse_other_plans(options.plans, options.review, options.plans_sha256)
        kept = KeptPlans.read(options.plans)
        made = Variables.read(options.review, options.plans)
        typer.echo(f"{told}: {_true_still(settings, provider, wave, kept, made)}")
        if made.ahead is not None:
            # Whatever its alarms say, the region that goes first must become whole.
            return
    elif options.plans or options.review or options.plans_sha256:
        message = "--plans, --review: each needs the other, and --plans-sha256 needs both"
        raise UsageError(message)
    _watch(settings, provider, wave, told, given)


def _true_still(
    settings: Settings, provider: Provider, wave: Wave, plans: KeptPlans, made: Variables
) -> str:
    """Say what became of the plans; raises UserError for what is not true any more."""
    plans.refuse_foreign(settings.environment, provider)
    stacks = plans.chosen(wave.number, wave.names)
    if made.has_changes:
        return "its plans were to be applied"
    if made.ahead is not None:
        return f"passed by: {made.ahead} was left half-changed, and goes first"
    objects = opened_objects(settings, provider, sandbox_folder(settings.environment))
    refuse_moved_states(settings, objects, stacks)
    return "nothing changes, and the states are those that were planned on"


def _watch(
    settings: Settings, provider: Provider, wave: Wave, told: str, given: Patience | None
) -> None:
    alarms = wave_alarms(settings, wave)
    if not alarms:
        typer.echo(f"{told}: no alarm is watched after it")
        return
    names = ", ".join(map(str, alarms))
    if provider is Provider.STANDIN:
        typer.echo(f"{told}: with the stand-in there is no alarm to ask: {names}")
        return
    minutes = settings.pipeline.bake if settings.pipeline else BAKE
    typer.echo(f"{told}: must be quiet for {minutes} minutes in a row: {names}")
    bake = Bake(alarms, minutes, Clients(settings.deploy_role_arn))
    bake.watch(
        given or patience(minutes), lambda seconds, seen: typer.echo(f"{seconds:6.0f} s: {seen}")
    )
    typer.echo(f"{told}: quiet")
