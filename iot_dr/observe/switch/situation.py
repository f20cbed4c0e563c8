"""The situation before a switch is used: who uses it, what it does, and its last use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, cast

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import ClockSkewError, CredentialsError
from iot_dr.observe.aws.gathering import gather
from iot_dr.observe.switch.alarms import alarm_states, by_region, switch_state
from iot_dr.observe.switch.audit import AuditRecord, AuditTrail
from iot_dr.observe.switch.caller import UNKNOWN, caller
from iot_dr.observe.switch.health import region_health
from iot_dr.observe.switch.metric import Action
from iot_dr.observe.switch.outlook import Outlook
from iot_dr.observe.switch.registers import Register, Registers
from iot_dr.observe.switch.rotation import RotationLog, RotationRecord
from iot_dr.route53.check import AlarmState

_SECONDS: Final = 10
_ALARM_SECONDS: Final = 2.5
# assumed: an alarm reflects its metric after three of its periods of a minute. AWS documents how
# periods are evaluated, not the delay:
# docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
_FOLLOWED: Final = timedelta(minutes=3)


@dataclass(frozen=True, kw_only=True)
class SwitchSituation:
    """The situation before a switch is used.

    `kept` is the newest record about the region, or why it cannot be read; `who` is the caller.
    `rotation` is the newest rotation of the region, or why it cannot be read; None for a switch
    away, which a rotation does not block. `registers` are the region's, none if they cannot be
    read.
    """

    outlook: Outlook
    kept: AuditRecord | UserError
    who: str
    rotation: RotationRecord | UserError | None = None
    registers: Mapping[str, Register] = field(default_factory=dict[str, Register])


class WrongAccountError(UserError):
    """The credentials belong to another account than the environment's."""


@dataclass(frozen=True, kw_only=True)
class SituationReader:
    """Reads the situation of a region's switch.

    `clients` are for required calls, `optional` for those to regions that may be gone.
    """

    settings: Settings
    region: str
    action: Action
    clients: Clients
    optional: Clients
    prober: Callable[[str], None]

    def read(self) -> SwitchSituation:
        """Read the regions' health, the switches, the record and the caller concurrently.

        Raises AwsError if AWS rejects the credentials, this machine's clock or the request for the
        caller; WrongAccountError if the credentials belong to another account, without a deployment
        role; and CallTimeoutError if a part takes longer than 10 s.
        """
        calls: dict[str, Callable[[], Any]] = {
            "who": self._caller,
            "kept": partial(AuditTrail(self.settings, self.clients).newest, self.region),
            "health": partial(region_health, self.settings, self.optional, self.prober),
            "switches": self._switches,
            "registers": partial(Registers(self.settings, self.clients).read, self.region),
        }
        if self.action == "back":
            log = RotationLog(self.settings, self.clients)
            calls["rotation"] = partial(log.newest, self.region)
        seen = cast("dict[str, Any]", gather(calls, _SECONDS))
        for answer in seen["who"], seen["kept"]:
            if isinstance(answer, CredentialsError | ClockSkewError):
                raise answer
        for needed in ("who", "health", "switches"):
            if isinstance(seen[needed], UserError):
                raise seen[needed]
        self._refuse_other_account(seen["who"])
        outlook = Outlook(
            settings=self.settings,
            region=self.region,
            action=self.action,
            health=seen["health"],
            switches={**seen["switches"], **self._just_set(seen["kept"])},
        )
        return SwitchSituation(
            outlook=outlook,
            kept=seen["kept"],
            who=seen["who"],
            rotation=seen.get("rotation"),
            registers={} if isinstance(seen["registers"], UserError) else seen["registers"],
        )

    def _caller(self) -> str:
        """Return the ARN from the first alarm region whose STS answers, `unknown` if none does."""
        for alarm_region in self.settings.alarm_regions(self.region):
            if (who := caller(alarm_region, self.clients.limits)) != UNKNOWN:
                return who
        return UNKNOWN

    def _switches(self) -> dict[str, AlarmState | UserError]:
        seen = gather(alarm_states(self.settings, self.optional), _ALARM_SECONDS)
        return {region: switch_state(states) for region, states in by_region(seen).items()}

    def _refuse_other_account(self, who: str) -> None:
        # The settings allow only a role of the right account.
        account = who.split(":")[4] if who != UNKNOWN else self.settings.account_id
        if account != self.settings.account_id and not self.settings.deploy_role_arn:
            raise WrongAccountError(
                f"{plain(who)} is of account {plain(account)}; {self.settings.environment} is in"
                f" {self.settings.account_id} (account_id): use credentials of that account"
            )

    def _just_set(self, kept: AuditRecord | UserError) -> dict[str, AlarmState]:
        """Return the state that the alarm will soon have, if the record is newer than it."""
        entry = kept.entry if isinstance(kept, AuditRecord) else None
        if entry is None or not entry.is_done or datetime.now(UTC) - entry.at > _FOLLOWED:
            return {}
        return {self.region: "ALARM" if entry.action == "away" else "OK"}
