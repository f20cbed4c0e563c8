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
from iot_dr.cli.text import echo
from iot_dr.common.regular_file import KeptFile
from iot_dr.common.user_error import UsageError
from iot_dr.common.waiting import PollLimits
from iot_dr.delivery.apply.plan_folder import PlanFolder, manifest_in
from iot_dr.delivery.pipeline.bake import Bake, patience
from iot_dr.delivery.pipeline.guard import refuse_changed_states
from iot_dr.delivery.pipeline.variables import WaveVariables, refuse_other_plans
from iot_dr.delivery.sandbox_run import sandbox_folder
from iot_dr.delivery.state.open_objects import open_objects
from iot_dr.generate.waves import only_wave
from iot_dr.observe.aws.clients import Clients
from iot_dr.terraform_json.plan_manifest import PlanManifest
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph
from stacks.rollout import Wave


def verify(  # noqa: PLR0913, PLR0917 - each is an option of the command
    wave: Annotated[int, typer.Option(help="The previous wave.", min=0, metavar="N")],
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    plans: Annotated[
        Path | None,
        typer.Option(
            help="Its plans, applied unless they change nothing.",
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

    After a region: the alarm of its canary; after the entry point: those of all regions. They must
    be OK for `pipeline.bake_minutes` of the settings in a row, 10 without a pipeline. An alarm that
    is on at the start has as many minutes to return to OK. The stand-in has no alarms.

    With --plans and --review that change nothing, the states must still be those of the plans:
    changes by others since then were not rolled out.

    Example: iot-dr pipeline verify --env dev --wave 3
    """
    settings = load(env)
    chosen = Provider.select(provider, env, os.environ)
    nodes = only_wave(platform_graph(settings), wave).nodes
    planned = Wave(number=wave, nodes=nodes)
    name = f"{env}: wave {wave}"
    if plans is not None and review is not None:
        manifest, reviewed = manifest_in(plans), KeptFile.read(review)
        if plans_sha256 is not None:
            refuse_other_plans(manifest, reviewed, plans_sha256)
        kept = PlanFolder(plans, PlanManifest.parse(manifest))
        made = WaveVariables.parse(reviewed, manifest)
        echo(f"{name}: {_plans_result(settings, chosen, planned, kept, made)}")
        if made.ahead is not None:
            # The partially applied region must be completed first, whatever the alarms are.
            return
    elif plans or review or plans_sha256:
        message = "--plans, --review: give both or neither; --plans-sha256 needs both"
        raise UsageError(message)
    minutes = settings.pipeline.bake_minutes if settings.pipeline else DEFAULT_BAKE_MINUTES
    watch(settings, chosen, planned, minutes, patience(minutes))


def _plans_result(
    settings: Settings, provider: Provider, wave: Wave, plans: PlanFolder, made: WaveVariables
) -> str:
    """Return what was done with the plans; raises UserError if the states have changed since."""
    plans.refuse_other_target(settings.environment, provider)
    stacks = plans.chosen(wave.number, wave.names)
    if made.has_changes:
        return "its plans had changes to apply"
    if made.ahead is not None:
        return f"skipped: {made.ahead} was left partially applied and must be completed first"
    objects = open_objects(settings, provider, sandbox_folder(settings.environment))
    refuse_changed_states(settings, objects, stacks)
    return "no changes, and the states are those of the plans"


def watch(
    settings: Settings, provider: Provider, wave: Wave, minutes: int, limits: PollLimits
) -> None:
    """Wait until all alarms of a wave have been OK for `minutes` in a row.

    Returns at once without alarms, and for the stand-in. Raises UserError if it takes longer than
    `limits` allow, or if an alarm goes off.
    """
    from stacks.wave_alarms import wave_alarms  # noqa: PLC0415 - it loads the engine

    name = f"{settings.environment}: wave {wave.number}"
    alarms = wave_alarms(settings, wave)
    if not alarms:
        echo(f"{name}: has no alarms to watch")
        return
    names = ", ".join(map(str, alarms))
    if provider is Provider.STANDIN:
        echo(f"{name}: the stand-in has no alarms: {names}")
        return
    echo(f"{name}: must be quiet for {minutes} minutes in a row: {names}")
    bake = Bake(alarms, minutes, Clients(settings.deploy_role_arn))
    bake.watch(limits, lambda seconds, seen: echo(f"{seconds:6.0f} s: {seen}"))
    echo(f"{name}: quiet")
