"""Checks whether a pipeline may continue with its commit."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from environments.project import settings_file
from environments.settings import Settings
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.delivery.rollout.lease import lease_location
from iot_dr.delivery.state.objects import Objects
from iot_dr.terraform_json.plan_manifest import PlannedStack, StateVersion
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutWaves
from stacks.state_location import state_location


class NotPermittedHereError(UserError):
    """The pipeline must not continue with this commit, or not in this region."""

    status = ExitStatus.NOT_GOOD


HOW_TO_ADD: Final = "docs/runbooks/pipeline.md says how to add one"
"""The advice for an environment without a pipeline."""


@dataclass(frozen=True, kw_only=True)
class ExpectedWave:
    """A wave in the pipeline's definition: its number, and the names of its stacks."""

    number: int
    stacks: tuple[str, ...]


def refuse_inactive(settings: Settings, region: str) -> None:
    """Raise NotPermittedHereError unless the settings name this region's pipeline as active."""
    environment, pipeline = settings.environment, settings.pipeline
    file = settings_file(environment)
    if pipeline is None:
        message = f"{file}: pipeline: is not there, so no pipeline rolls {environment} out"
        raise NotPermittedHereError(f"{message}; {HOW_TO_ADD}")
    if region == pipeline.active_region:
        return
    active = pipeline.active_region
    lead = f"{file}: pipeline.active_region: {active!r} rolls {environment} out, and not"
    if region not in pipeline.connections:
        raise NotPermittedHereError(f"{lead} {plain(region)!r}, which has no pipeline")
    advice = f"`iot-dr pipeline activate --env {environment} --region {region}` makes it this one"
    raise NotPermittedHereError(f"{lead} {region!r}; {advice}")


def refuse_undeclared(settings: Settings) -> None:
    """Raise NotPermittedHereError if an own stack has resources without known permissions."""
    if not settings.has_own_stacks:
        return
    from iot_dr.generate.app import App, stage  # noqa: PLC0415 - it starts the engine

    if refused := stage(App(), settings).refused:
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        raise NotPermittedHereError(f"{refused[0]}{more}")


def refuse_other_wave(settings: Settings, expected: ExpectedWave) -> None:
    """Raise NotPermittedHereError unless the wave of that number has exactly these stacks."""
    waves = {wave.number: wave.names for wave in RolloutWaves(platform_graph(settings)).waves}
    names = waves.get(expected.number, ())
    if names and sorted(names) == sorted(expected.stacks):
        return
    here = f"wave {expected.number} of this commit is {', '.join(names)}"
    if not names:
        here = f"this commit has waves {min(waves)} to {max(waves)} and no wave {expected.number}"
    message = (
        f"{settings.environment}: {here}, and the pipeline was made for"
        f" {plain(', '.join(expected.stacks))}; it has changed since: start a new execution"
    )
    raise NotPermittedHereError(message)


def refuse_skipped_wave(settings: Settings, passed_by: Iterable[str]) -> None:
    """Raise NotPermittedHereError if a value is not `false`: a region's wave was skipped."""
    if any(each != "false" for each in passed_by):
        message = (
            f"{settings.environment}: a region was skipped, since another one, which was left"
            " partially applied, had to go first; once it is fully applied, start a new execution,"
            " which brings the rest"
        )
        raise NotPermittedHereError(message)


class StateChangedError(UserError):
    """A state has changed since a plan without changes was made on it, or is partially applied."""


def refuse_changed_states(
    settings: Settings, objects: Objects, stacks: Iterable[PlannedStack]
) -> None:
    """Raise StateChangedError unless each state is the one planned on, and no stack has a lease.

    Terraform refuses an outdated plan only when it is applied, and a plan without changes is not
    applied. Example: a commit that reverts another one is planned while that one waits for its
    approval; it would count as rolled out. Raises UserError, which says why, if a state cannot be
    read.
    """
    nodes = {node.name: node for node in platform_graph(settings).nodes}
    for stack in stacks:
        node = nodes[stack.name]
        # An apply that fails early may leave its lease, and the state unchanged.
        if node.is_regional and objects.find(lease_location(settings, node)):
            message = (
                f"{stack.name}: is being changed, or was left partially applied, since this plan"
            )
            raise StateChangedError(f"{message} was made: start a new execution")
        if _now(settings, objects, node) != stack.state:
            message = f"{stack.name}: its state has moved on since this plan was made"
            raise StateChangedError(f"{message}: start a new execution")


def _now(settings: Settings, objects: Objects, node: StackNode) -> StateVersion:
    stored = objects.find(state_location(settings, node))
    try:
        return StateVersion.read(stored.content if stored else None)
    except (msgspec.DecodeError, UnicodeDecodeError):
        message = f"{node.name}: the stored object is not a Terraform state (`iot-dr state status`)"
        raise StateChangedError(message) from None
