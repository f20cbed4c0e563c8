"""Whether a pipeline may go on with the commit that it has."""

from dataclasses import dataclass

from environments.settings import Settings
from iot_dr.pipeline.refusal import RefusedError
from iot_dr.plain_text import plain
from stacks.platform_graph import platform_graph
from stacks.rollout import Rollout


@dataclass(frozen=True, kw_only=True)
class ExpectedWave:
    """A wave as the pipeline's definition has it: its number, and the names of its stacks."""

    number: int
    stacks: tuple[str, ...]


def refuse_inactive(settings: Settings, region: str) -> None:
    """Raise RefusedError unless the settings name the pipeline of this region as the active one."""
    environment, pipeline = settings.environment, settings.pipeline
    file = f"{environment}.yaml"
    if pipeline is None:
        message = f"{file}: pipeline: is not there, so no pipeline rolls {environment} out"
        raise RefusedError(message)
    if region == pipeline.active:
        return
    told = f"{file}: pipeline.active: {pipeline.active!r} rolls {environment} out, and not"
    if region not in pipeline.connections:
        raise RefusedError(f"{told} {plain(region)!r}, which has no pipeline")
    advice = f"`iot-dr pipeline activate --env {environment} --region {region}` makes it this one"
    raise RefusedError(f"{told} {region!r}; {advice}")


def refuse_other_wave(settings: Settings, expected: ExpectedWave) -> None:
    """Raise RefusedError unless the wave of that number has these stacks, in whatever order."""
    waves = {each.number: each.names for each in Rollout(platform_graph(settings)).waves}
    found = waves.get(expected.number, ())
    if found and sorted(found) == sorted(expected.stacks):
        return
    here, there = (", ".join(names) or "no stack" for names in (found, expected.stacks))
    message = (
        f"{settings.environment}: wave {expected.number} of this commit is {here}, and the pipeline"
        f" was made for {plain(there)}; it has changed since: start a new execution"
    )
    raise RefusedError(message)
