"""The steps of a change of `regions` that replaces or removes a deployed region."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from environments.rules import MOST_REGIONS
from environments.settings import Settings
from iot_dr.common.user_error import UserError

Kind = Literal["add", "move", "leave"]


class TooManyRegionsError(UserError):
    """A change of regions would need more than five at the same time."""


@dataclass(frozen=True, kw_only=True)
class DeployedRegions:
    """The regions of an environment as its states have them.

    `regions` have a state bucket in the state of the state's stack, in the order of that time's
    file: no switch gets another first keeper before the region of the former one leaves (ADR 0014).
    `leaving` are the regions whose stacks still have resources although the environment does not
    use them any more. `primary` is None before the entry point exists.
    """

    regions: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    primary: str | None = None


@dataclass(frozen=True, kw_only=True)
class RegionStep:
    """A step: the regions it is about, and the settings that it is deployed with."""

    kind: Kind
    about: tuple[str, ...]
    regions: tuple[str, ...]
    leaving_regions: tuple[str, ...]
    primary_region: str

    @property
    def overrides(self) -> dict[str, Any]:
        """The settings that differ from the file's while this step is deployed."""
        return {
            "regions": self.regions,
            "leaving_regions": self.leaving_regions,
            "primary_region": self.primary_region,
        }

    def __str__(self) -> str:
        regions = ", ".join(self.about)
        if self.kind == "add":
            return f"add {regions} as standby"
        if self.kind == "move":
            # Not those that leave afterwards, which may be broken.
            return f"make {regions} the primary, once the regions of the file serve devices"
        ready = f"once {', '.join(self.regions)} serve devices"
        return f"lead no device to {regions} any more and destroy what is there, {ready}"


def region_steps(settings: Settings, deployed: DeployedRegions) -> tuple[RegionStep, ...]:
    """Return the remaining steps, the current one first; empty if one deployment does everything.

    That is so unless a deployed region is in neither list of the settings: it leaves last, after
    new regions have been added and devices have been moved. Each step follows from what is
    deployed, so a step that is done, or was interrupted, is not stored anywhere. Raises
    TooManyRegionsError if regions to add and regions to remove do not fit together.
    """
    departing = _departing(settings, deployed)
    if not departing:
        return ()
    added = tuple(region for region in settings.regions if region not in deployed.regions)
    together = (*deployed.regions, *added)
    if added and len(together) > MOST_REGIONS:
        raise TooManyRegionsError(_too_many(added, departing, len(together)))
    unfinished = dict.fromkeys((*deployed.leaving, *settings.leaving_regions))
    chosen = settings.primary_region
    add = RegionStep(
        kind="add",
        about=added,
        regions=together,
        # What has begun to leave goes on leaving.
        leaving_regions=tuple(region for region in unfinished if region not in together),
        primary_region=deployed.primary or chosen,
    )
    move = replace(add, kind="move", about=(chosen,), primary_region=chosen)
    leave = RegionStep(
        kind="leave",
        about=departing,
        regions=settings.regions,
        leaving_regions=(*departing, *settings.leaving_regions),
        primary_region=chosen,
    )
    return (
        *((add,) if added else ()),
        *((move,) if add.primary_region != chosen else ()),
        leave,
    )


def _departing(settings: Settings, deployed: DeployedRegions) -> tuple[str, ...]:
    """Return the deployed regions that are in neither list of the settings."""
    named = {*settings.regions, *settings.leaving_regions}
    known = dict.fromkeys((*deployed.regions, *deployed.leaving))
    return tuple(region for region in known if region not in named)


def _too_many(added: tuple[str, ...], departing: tuple[str, ...], count: int) -> str:
    former = ", ".join(departing)
    return (
        f"{', '.join(added)} cannot be added while {former} is deployed: that would be {count}"
        f" regions at once, and {MOST_REGIONS} are the maximum; first remove {former} alone, or"
        " abandon what is gone for good (`iot-dr state abandon`)"
    )
