"""Hosted zones of an account."""

from collections.abc import Mapping
from typing import Any, Final

from environments.settings import ExistingZone
from iot_dr.observe.aws.errors import RequestRefusedError
from iot_dr.observe.doctor.account import Account
from modules.global_region import GLOBAL_REGION

ACTIONS: Final = ("route53:GetHostedZone", "route53:ListHostedZonesByName")
"""The IAM actions of `public_zones` and `find_zone`."""
_NO_ZONE: Final = "NoSuchHostedZone"


def public_zones(account: Account) -> list[Mapping[str, Any]]:
    """Return the public zones that are or may be the environment's, as GetHostedZone does.

    Raises AwsError if Route 53 does not answer.
    """
    own = account.settings
    if isinstance(own.zone, ExistingZone):
        ids = [own.zone.id]
    else:
        answer = account.clients.call(
            "route53", GLOBAL_REGION, "list_hosted_zones_by_name", DNSName=own.zone_name
        )
        ids = [
            listed["Id"].rpartition("/")[2]
            for listed in answer["HostedZones"]
            if listed["Name"] == f"{own.zone_name}." and not listed["Config"]["PrivateZone"]
        ]
    return [
        zone for zone in (find_zone(account, each) for each in ids) if zone and _is_public(zone)
    ]


def find_zone(account: Account, zone_id: str) -> Mapping[str, Any] | None:
    """Return what GetHostedZone returns; None if there is no such zone."""
    try:
        return account.clients.call("route53", GLOBAL_REGION, "get_hosted_zone", Id=zone_id)
    except RequestRefusedError as error:
        if error.code != _NO_ZONE:
            raise
        return None


def _is_public(zone: Mapping[str, Any]) -> bool:
    # `PrivateZone`: docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZoneConfig.html
    return not zone["HostedZone"].get("Config", {}).get("PrivateZone")
