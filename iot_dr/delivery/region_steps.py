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
    file: no switch gets another first alarm region before the region of the former one leaves (ADR
    0014). `leaving` are the regions whose stacks still have resources although the environment does
    not use them any more. `primary` is None before the entry point exists.
    """

    regions: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    primary: str | None = None


@dataclass(frozen=True, kw_only=True)
class RegionStep:
    """A step: the regions it is about, and the settings that it is deployed with.

    `unnamed` are regions that it destroys although the file names them in neither list.
    """

    kind: Kind
    about: tuple[str, ...]
    regions: tuple[str, ...]
    leaving_regions: tuple[str, ...]
    primary_region: str
    unnamed: tuple[str, ...] = ()

    @property
    def overrides(self) -> dict[str, Any]:
        """The settings that differ from the file's while this step is deployed."""
        return {
            "regions": self.regions,
            "leaving_regions": self.leaving_regions,
            "primary_region": self.primary_region,
        }

    @property
    def edit(self) -> str:
        """The keys of a settings file that declares this step alone, on one line."""
        lists = {"regions": self.regions, "leaving_regions": self.leaving_regions}
        keys = [f"{key}: [{', '.join(value)}]" for key, value in lists.items() if value]
        return ", ".join([*keys, f"primary_region: {self.primary_region}"])

    def __str__(self) -> str:
        regions = ", ".join(self.about)
        if self.kind == "add":
            return f"add {regions} as standby"
        if self.kind == "move":
            return f"make {regions} the primary, once it serves devices"
        ready = f"once {', '.join(self.regions)} serve devices"
        return f"lead no device to {regions} any more and destroy what is there, {ready}"


def region_steps(settings: Settings, deployed: DeployedRegions) -> tuple[RegionStep, ...]:
    """Return the remaining steps, the current one first; empty if one deployment does everything.

    A deployed region that is not in `regions` leaves last, after new regions have been added and
    devices have been moved. If it is in `leaving_regions`, that alone is one deployment. Each step
    follows from what is deployed, so a step that is done, or was interrupted, is not stored
    anywhere. Raises TooManyRegionsError if regions to add and to remove do not fit together.
    """
    added = tuple(region for region in settings.regions if region not in deployed.regions)
    unnamed, declared = _unnamed(settings, deployed), _declared(settings, deployed)
    chosen = settings.primary_region
    moves = (deployed.primary or chosen) != chosen
    if not unnamed and not (declared and (added or moves)):
        return ()
    departing = (*unnamed, *declared)
    together = (*deployed.regions, *added)
    if added and len(together) > MOST_REGIONS:
        raise TooManyRegionsError(_too_many(added, departing, len(together)))
    unfinished = dict.fromkeys((*deployed.leaving, *settings.leaving_regions))
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
        leaving_regions=(*unnamed, *settings.leaving_regions),
        primary_region=chosen,
        unnamed=unnamed,
    )
    return (*((add,) if added else ()), *((move,) if moves else ()), leave)


def single_step(settings: Settings, deployed: DeployedRegions) -> RegionStep | None:
    """Return what one deployment of the settings takes from devices, if there are no other steps.

    That is a region that the settings declare as leaving, or the primary's place; None for neither.
    """
    leaving, chosen = _declared(settings, deployed), settings.primary_region
    if not leaving and (deployed.primary or chosen) == chosen:
        return None
    return RegionStep(
        kind="leave" if leaving else "move",
        about=leaving or (chosen,),
        regions=settings.regions,
        leaving_regions=settings.leaving_regions,
        primary_region=chosen,
    )


def _unnamed(settings: Settings, deployed: DeployedRegions) -> tuple[str, ...]:
    """Return the deployed regions that are in neither list of the settings."""
    named = {*settings.regions, *settings.leaving_regions}
    known = dict.fromkeys((*deployed.regions, *deployed.leaving))
    return tuple(region for region in known if region not in named)


def _declared(settings: Settings, deployed: DeployedRegions) -> tuple[str, ...]:
    """Return the regions in use that the settings declare as leaving."""
    return tuple(region for region in deployed.regions if region in settings.leaving_regions)


def _too_many(added: tuple[str, ...], departing: tuple[str, ...], count: int) -> str:
    former = ", ".join(departing)
    return (
        f"{', '.join(added)} cannot be added while {former} is deployed: that would be {count}"
        f" regions at once, and {MOST_REGIONS} are the maximum; first remove {former} alone, or"
        " abandon what is gone for good (`iot-dr state abandon`)"
    )
