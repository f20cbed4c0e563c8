"""`iot-dr pipeline verify`: whether the next wave may begin."""

import os
from pathlib import Path
from typing import Annotated

import typer

from environments.loader import load
from environments.pipeline import DEFAULT_BAKE_MINUTES
from environments.settings import Settings
from iot_dr.cli.options import (
    EnvironmentOption,
    PlansDigestOption,
    ProviderOption,
    given_path,
)
from iot_dr.common.user_error import UsageError
from iot_dr.common.waiting import PollLimits
from iot_dr.delivery.apply.plan_folder import PlanFolder
from iot_dr.delivery.pipeline.bake import Bake, patience
from iot_dr.delivery.pipeline.guard import refuse_changed_states
from iot_dr.delivery.pipeline.variables import Variables, refuse_other_plans
from iot_dr.delivery.sandbox_run import sandbox_folder
from iot_dr.delivery.state.open_objects import open_objects
from iot_dr.generate.waves import only_wave
from iot_dr.observe.aws.clients import Clients
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph
from stacks.rollout import Wave


def verify(  # noqa: PLR0913, PLR0917 - each is an option of the command
    wave: Annotated[int, typer.Option(help="The wave before.", min=0, metavar="N")],
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    plans: Annotated[
        Path | None,
        typer.Option(
            help="Its plans, which were applied unless they change nothing.",
            metavar="DIR",
            parser=given_path,
        ),
    ] = None,
    review: Annotated[
        Path | None,
        typer.Option(help="Their review, as JSON.", metavar="FILE", parser=given_path),
    ] = None,
    plans_sha256: PlansDigestOption = None,
) -> None:
    """Watch the alarms of a wave; exit 1 if the next wave must not begin.

    After a region this is the alarm of its canary, after the entry point those of all regions. They
    must be quiet for `pipeline.bake_minutes` of the settings in a row, 10 without a pipeline. One
    that is on at the beginning has as many minutes to become quiet. With the stand-in there are no
    alarms to ask.

    With --plans and --review, and where these change nothing, the states must still be those that
    were planned on: what somebody else has changed meanwhile is not taken for rolled out.

    Example: iot-dr pipeline verify --env dev --wave 3
    """
    settings = load(env)
    chosen = Provider.select(provider, env, os.environ)
    nodes = only_wave(platform_graph(settings), wave).nodes
    planned = Wave(number=wave, nodes=nodes)
    told = f"{env}: wave {wave}"
    if plans is not None and review is not None:
        if plans_sha256 is not None:
            refuse_other_plans(plans, review, plans_sha256)
        kept = PlanFolder.read(plans)
        made = Variables.read(review, plans)
        typer.echo(f"{told}: {_true_still(settings, chosen, planned, kept, made)}")
        if made.ahead is not None:
            # Whatever its alarms say, the region that goes first must become whole.
            return
    elif plans or review or plans_sha256:
        message = "--plans, --review: each needs the other, and --plans-sha256 needs both"
        raise UsageError(message)
    minutes = settings.pipeline.bake_minutes if settings.pipeline else DEFAULT_BAKE_MINUTES
    watch(settings, chosen, planned, minutes, patience(minutes))


def _true_still(
    settings: Settings, provider: Provider, wave: Wave, plans: PlanFolder, made: Variables
) -> str:
    """Return what became of the plans; raises UserError for what is not true any more."""
    plans.refuse_other_target(settings.environment, provider)
    stacks = plans.chosen(wave.number, wave.names)
    if made.has_changes:
        return "its plans were to be applied"
    if made.ahead is not None:
        return f"passed by: {made.ahead} was left half-changed, and goes first"
    objects = open_objects(settings, provider, sandbox_folder(settings.environment))
    refuse_changed_states(settings, objects, stacks)
    return "nothing changes, and the states are those that were planned on"


def watch(
    settings: Settings, provider: Provider, wave: Wave, minutes: int, given: PollLimits
) -> None:
    """Watch the wave's alarms, which must be quiet for so many minutes in a row.

    Raises UserError when they are not within the `given` patience.
    """
    from stacks.wave_alarms import wave_alarms  # noqa: PLC0415 - it loads the engine

    told = f"{settings.environment}: wave {wave.number}"
    alarms = wave_alarms(settings, wave)
    if not alarms:
        typer.echo(f"{told}: no alarm is watched after it")
        return
    names = ", ".join(map(str, alarms))
    if provider is Provider.STANDIN:
        typer.echo(f"{told}: with the stand-in there is no alarm to ask: {names}")
        return
    typer.echo(f"{told}: must be quiet for {minutes} minutes in a row: {names}")
    bake = Bake(alarms, minutes, Clients(settings.deploy_role_arn))
    bake.watch(given, lambda seconds, seen: typer.echo(f"{seconds:6.0f} s: {seen}"))
    typer.echo(f"{told}: quiet")
