"""What `iot-dr rotate` tells at its end."""

from collections.abc import Iterator

from iot_dr.common.user_error import UserError
from iot_dr.observe.switch.audit import Entry
from iot_dr.observe.switch.rotation import Noted, Rotation
from iot_dr.operate.rotate.look import RotationLook
from iot_dr.operate.rotate.rotating import Rotated


def done_lines(look: RotationLook, rotated: Rotated) -> Iterator[str]:
    """Tell that it is done, and what comes next."""
    region, environment = look.region, look.settings.environment
    yield f"{region} has a new certificate."
    yield from left_away_lines(look, rotated.rotation, rotated.away)
    yield f"Verify: iot-dr status --env {environment}"
    following, word = next_region(look)
    yield f"Next: iot-dr rotate --region {following} --env {environment} (last rotation: {word})"


def left_away_lines(look: RotationLook, rotation: Rotation, away: Entry | None) -> Iterator[str]:
    """Tell that the region is left switched away, if it is; `away` is for whose sake."""
    back = f"iot-dr switch back {look.region} --env {look.settings.environment} --reason TEXT"
    if rotation.was_away:
        yield f"It was switched away before, and is left so. Way back: {back}"
    elif away:
        yield f"It is left switched away, for somebody did that: {away.line()}. Way back: {back}"


def repaired_lines(look: RotationLook, arn: str) -> Iterator[str]:
    """Tell that the endpoint is there again, and what is left to do."""
    region, environment = look.region, look.settings.environment
    yield f"{region} has its endpoint again, with {arn}; both names serve it."
    yield (
        f"Left: its switch and the record of its rotation, in {look.settings.keeper(region)}. When"
        f" that answers: iot-dr rotate --region {region} --env {environment}"
    )


def next_region(look: RotationLook) -> tuple[str, str]:
    """Give the other region whose last rotation is longest ago, and when that was."""
    others = [each for each in reversed(look.settings.failover_order) if each != look.region]
    region = min(others, key=lambda each: _ended(look.records[each]))
    return region, last_word(look.records[region])


def last_word(noted: Noted | UserError) -> str:
    """Tell in a few words when a region was last rotated."""
    return "unknown" if isinstance(noted, UserError) else noted.word


def _ended(noted: Noted | UserError) -> str:
    rotation: Rotation | None = None if isinstance(noted, UserError) else noted.rotation
    return rotation.last_at.isoformat() if rotation and rotation.outcome == "done" else ""
