"""A rotation that this process carries out, until somebody else does."""

from dataclasses import dataclass

from iot_dr.common.user_error import UserError
from iot_dr.observe.switch.alarms import alarm_state
from iot_dr.observe.switch.audit import Entry
from iot_dr.observe.switch.rotation import Rotation
from iot_dr.operate.rotate.site import Site

REASON = "rotation of the server certificate"
"""What a rotation's own uses of the switch are kept with."""


class MeanwhileError(UserError):
    """Somebody else was at this rotation, or its switch, since it was looked at."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What this process kept of a rotation, and the number of the switch's record it looked at.

    Every method raises AwsError when the region's keeper does not answer or refuses.
    """

    site: Site
    rotation: Rotation
    switch: int

    def refuse_newer(self) -> None:
        """Raise MeanwhileError when somebody has kept something else of the rotation since."""
        newest = self.site.log.newest(self.site.region).rotation
        # Not by number: a call that is answered late is made again, and kept twice.
        if newest != self.rotation:
            told = newest.line() if newest else "there is no record of it any more"
            raise MeanwhileError(
                f"somebody was at the rotation of {self.site.region} meanwhile: {told}; this"
                " command does nothing more: look, and run it again"
            )

    def refuse_devices(self) -> None:
        """Raise MeanwhileError when the region was given devices again since it was drained."""
        site, newest = self.site, self.site.switching("away").newest()
        state = alarm_state(site.settings, site.clients, site.region)
        is_back = newest.number != self.switch and not _is_away(newest.entry)
        if is_back or state != "ALARM":
            told = newest.entry.line() if newest.entry else "never used, or not to be read"
            raise MeanwhileError(
                f"{site.region} is no longer switched away: its alarm is {state}, its switch's last"
                f" record: {told}; nothing was replaced: run the command again"
            )

    def away_of_another(self) -> Entry | None:
        """Give the newest use of the switch, if it is an `away` that is not the rotation's own."""
        entry = self.site.switching("back").newest().entry
        is_own = entry is not None and entry.reason == REASON
        return None if is_own or not _is_away(entry) else entry


def _is_away(entry: Entry | None) -> bool:
    return entry is not None and entry.action == "away"
