"""The claim of this process on a rotation."""

from dataclasses import dataclass

from iot_dr.common.user_error import UserError
from iot_dr.observe.switch.alarms import read_switch
from iot_dr.observe.switch.audit import AuditEntry
from iot_dr.observe.switch.rotation import Rotation
from iot_dr.operate.rotate.rotation_target import RotationTarget

REASON = "rotation of the server certificate"
"""The reason that is recorded when a rotation uses the switch."""


class ConcurrentRotationError(UserError):
    """The rotation, or its switch, has a newer record than the one that was read."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The rotation as this process recorded it, and the number of the switch's record it read.

    Methods raise AwsError if no alarm region of its switch answers or one refuses, and
    RotationRecordError or NoAlarmError if the record is unreadable or the alarm missing.
    """

    site: RotationTarget
    rotation: Rotation
    switch: int

    def refuse_newer(self) -> None:
        """Raise ConcurrentRotationError if the newest record of the rotation is not this one."""
        newest = self.site.log.newest(self.site.region).rotation
        # Not by number: a write whose answer is late is retried, and stored twice.
        if newest != self.rotation:
            latest = newest.line() if newest else "none"
            raise ConcurrentRotationError(
                f"the rotation of {self.site.region} has a newer record: {latest}; this command"
                " stops: check who is working on the region, then run it again"
            )

    def refuse_switched_back(self) -> None:
        """Raise ConcurrentRotationError if the region is no longer switched away."""
        site, newest = self.site, self.site.switching("away").newest()
        state = read_switch(site.settings, site.clients, site.region)
        is_back = newest.number != self.switch and not _is_away(newest.entry)
        if is_back or state != "ALARM":
            latest = newest.entry.line() if newest.entry else "none, or unreadable"
            raise ConcurrentRotationError(
                f"{site.region} is no longer switched away: its alarm is {state}, its switch's last"
                f" record: {latest}; nothing was replaced: run the command again"
            )

    def foreign_away(self) -> AuditEntry | None:
        """Return the switch's newest record if it is an `away` of somebody else, else None."""
        entry = self.site.switching("back").newest().entry
        is_own = entry is not None and entry.reason == REASON
        return None if is_own or not _is_away(entry) else entry


def _is_away(entry: AuditEntry | None) -> bool:
    return entry is not None and entry.action == "away"
