"""The settings of the current step of a change of `regions`, and the checks before it."""

import os
from collections.abc import Callable, Collection, Iterator, Set
from dataclasses import dataclass
from pathlib import Path

from environments.errors import ABSENT
from environments.loader import mistake_at
from environments.project import settings_file
from environments.settings import Settings
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.base import base_settings
from iot_dr.delivery.deployed_regions import deployed_regions
from iot_dr.delivery.region_steps import (
    DeployedRegions,
    RegionStep,
    TooManyRegionsError,
    region_steps,
    single_step,
)
from iot_dr.delivery.state.open_objects import open_objects
from iot_dr.observe.status.network import Network
from iot_dr.terraform.provider_backend import refuse_sandbox
from iot_dr.terraform_json.provider_choice import Provider
from modules.stack_names import stack_name


@dataclass(frozen=True, kw_only=True)
class RegionChange:
    """The settings to deploy now, and the steps that are left, of which the first is theirs.

    Without steps the settings are those of the file.
    """

    settings: Settings
    steps: tuple[RegionStep, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """A line for each step, with what must be true before it."""
        return tuple(str(step) for step in self.steps)

    def lines(self) -> tuple[str, ...]:
        """Return the steps for people; empty without steps."""
        if not self.steps:
            return ()
        count = len(self.steps)
        lead = f"{self.settings.environment}: the change of regions takes"
        head = f"{lead} {count} more deploys" if count > 1 else f"{lead} one more deploy"
        leads = ("now: ", *["then:"] * (count - 1))
        steps = (f"  {when} {step}" for when, step in zip(leads, self.words, strict=True))
        return (f"{head}:", *steps, *self._abandonments())

    def _abandonments(self) -> Iterator[str]:
        for region in self.steps[-1].about:
            yield f"  {_if_lost(self.settings, region)}"


def region_change(settings: Settings, deployed: DeployedRegions) -> RegionChange:
    """Return the current step of a change of regions.

    Raises SettingsError, with the line of `regions`, for a change that has to be declared in steps.
    """
    try:
        steps = region_steps(settings, deployed)
    except TooManyRegionsError as error:
        raise mistake_at(settings.environment, ("regions",), ABSENT, str(error)) from None
    if not steps:
        return RegionChange(settings=settings, steps=())
    if settings.pipeline:
        # Its waves are planned from the file's settings, by several builds.
        _refuse_in_waves(settings, steps, "with a pipeline")
    return RegionChange(settings=settings.model_copy(update=steps[0].overrides), steps=steps)


def refuse_unnamed(change: RegionChange, named: Collection[str]) -> None:
    """Refuse to destroy a region that neither the file nor the command names.

    A checkout that is older than the last deployment looks like an edit that removes a region.
    Raises UsageError.
    """
    step = change.steps[0] if change.steps else None
    if step is None or step.kind != "leave":
        return
    unnamed = [region for region in step.unnamed if region not in named]
    if unnamed:
        environment = change.settings.environment
        raise UsageError(
            f"{', '.join(unnamed)} would be destroyed: it is deployed, and"
            f" {settings_file(environment)} does not name it. If this checkout is not older than"
            f" the last deployment, run: iot-dr deploy --env {environment} {leave_options(step)}"
        )


def leave_options(step: RegionStep) -> str:
    """Return the options that `iot-dr deploy` needs for a step on AWS; empty if it needs none."""
    return " ".join(f"--leave {each}" for each in step.unnamed) if step.kind == "leave" else ""


def _refuse_in_waves(settings: Settings, steps: tuple[RegionStep, ...], when: str) -> None:
    """Raise SettingsError with the edit of each step."""
    last = steps[-1]
    regions = ", ".join(last.about)
    why = "in neither list" if last.unnamed else "in leaving_regions before the other edits"
    edits = (f"({number}) {step.edit}" for number, step in enumerate(steps, 1))
    message = (
        f"{regions} is deployed and is {why}; {when} each step is an edit that is rolled out before"
        f" the next: {'; '.join(edits)} (docs/runbooks/replace-region.md)."
        f" {' '.join(_if_lost(settings, region) for region in last.about)}"
    )
    raise mistake_at(settings.environment, ("regions",), ABSENT, message)


def _if_lost(settings: Settings, region: str) -> str:
    command = f"iot-dr state abandon --region {region} --env {settings.environment}"
    return f"If {region} is gone for good, first: {command}"


def change_of_plan(
    settings: Settings, provider: Provider, base: str | None, sandbox: Path | None
) -> RegionChange:
    """Return the current step for a plan.

    `sandbox` is set for a plan of a wave, which has no steps: raises SettingsError then. A plan of
    the stand-in begins with the commit `base`, or with nothing. One on AWS may be applied later:
    raises NotServedError as for a deployment, but for a change of primary, which `refuse_apply`
    judges.
    """
    if sandbox is not None:
        change = region_change(settings, _deployed(settings, provider, sandbox))
        if change.steps:
            _refuse_in_waves(settings, change.steps, "in waves")
        return change
    if provider is Provider.AWS and base is None:
        return change_of_deploy(settings, provider, Path(), settings.regions)
    deployed = DeployedRegions()
    if provider is Provider.STANDIN and base is not None:
        former = base_settings(base, settings.environment)
        if former is not None:
            deployed = DeployedRegions(regions=former.regions, primary=former.primary_region)
    return region_change(settings, deployed)


def change_of_deploy(
    settings: Settings, provider: Provider, sandbox: Path, unserved: Collection[str] = ()
) -> RegionChange:
    """Return the current step for a deployment; `sandbox` is the folder of the stand-in's states.

    Raises NotServedError if devices would be led to a region that does not serve them yet, unless
    it is one of `unserved` and becomes the primary.
    """
    deployed = _deployed(settings, provider, sandbox)
    change = region_change(settings, deployed)
    step = change.steps[0] if change.steps else single_step(settings, deployed)
    _refuse_unserved(settings, provider, deployed, step, unserved)
    return change


def refuse_apply(
    settings: Settings, names: Set[str], unserved: Collection[str], show: Callable[[str], None]
) -> None:
    """Refuse to apply plans of the stacks `names` on AWS, for the reasons of a deployment.

    Raises NotServedError, and RegionStillServesError if a leaving region still serves; `show` gets
    why that is not known.
    """
    from iot_dr.delivery.deploy.preconditions import refuse_serving_region  # noqa: PLC0415 - slow

    refuse_serving_region(settings, Network.current(), show)
    # With these a region begins to leave, or becomes the primary. Their role reads all states.
    if names & {stack_name(settings.environment, what) for what in ("state", "entry-point")}:
        deployed = _deployed(settings, Provider.AWS, Path())
        step = single_step(settings, deployed)
        _refuse_unserved(settings, Provider.AWS, deployed, step, unserved)


def _refuse_unserved(
    settings: Settings,
    provider: Provider,
    deployed: DeployedRegions,
    step: RegionStep | None,
    accepted: Collection[str],
) -> None:
    if provider is not Provider.AWS or step is None:
        return
    # Only such a step on AWS needs a TLS client.
    from iot_dr.delivery.deploy.served_regions import (  # noqa: PLC0415 - see above
        device_probe,
        refuse_unserved,
    )

    refuse_unserved(settings, deployed, step, device_probe(settings), accepted)


def _deployed(settings: Settings, provider: Provider, sandbox: Path) -> DeployedRegions:
    if provider is Provider.AWS:
        refuse_sandbox(os.environ)
    elif not sandbox.is_dir():
        return DeployedRegions()
    return deployed_regions(settings, open_objects(settings, provider, sandbox).read)
