"""Accelerated recovery of the environment's zone, without which us-east-1 stops its changes."""

from collections.abc import Iterator, Mapping
from typing import Any

from iot_dr.common.plain_text import plain
from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.finding import AccountFinding, later, missing, ok
from iot_dr.observe.doctor.zones import public_zones

_COMMAND = "aws route53 update-hosted-zone-features --enable-accelerated-recovery --hosted-zone-id"


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield whether it is on; raises AwsError if Route 53 does not answer.

    docs.aws.amazon.com/Route53/latest/DeveloperGuide/accelerated-recovery.html.
    """
    zones = public_zones(account)
    for zone in zones:
        yield _of(account.settings.zone_name, zone["HostedZone"])
    if not zones:
        yield later("the zone; then turn its accelerated recovery on")


def _of(name: str, zone: Mapping[str, Any]) -> AccountFinding:
    id_ = zone["Id"].rpartition("/")[2]
    features = zone.get("Features") or {}
    status = features.get("AcceleratedRecoveryStatus", "DISABLED")
    if status == "ENABLED":
        return ok(f"is on for {name}")
    if status.startswith("ENABLING"):
        return ok(f"is being turned on for {name} ({plain(status)})")
    reason = (features.get("FailureReasons") or {}).get("AcceleratedRecovery", "")
    failed = f" ({plain(status)}: {plain(reason)})" if reason else ""
    return missing(
        f"is not on for {name}{failed}: while us-east-1 is gone, nobody can change its records",
        "turn it on, one zone of an account after the other; it takes up to some hours, and for"
        " minutes of them the zone accepts no change",
        f"{_COMMAND} {id_}",
    )
