"""The delegation of the environment's zone by its parent zone."""

from collections.abc import Iterator

from dns.exception import DNSException

from environments.settings import CreatedZone, ExistingZone
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.finding import AccountFinding, later, missing, ok
from iot_dr.observe.doctor.zones import find_zone, public_zones
from iot_dr.observe.status.parent_lookup import ParentLookup


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield the zone's parent, the zone, and what public DNS shows of its name servers.

    Raises AwsError if Route 53 does not answer, UserError if no name server does.
    """
    zone = account.settings.zone
    if isinstance(zone, CreatedZone) and zone.delegation != "manual":
        yield from _parent(account, zone.delegation)
    servers = _name_servers(account)
    if servers is None:
        yield from _without_zone(account)
    else:
        yield _compared(account, servers)
        yield from _hidden(account)


def _parent(account: Account, zone_id: str) -> Iterator[AccountFinding]:
    parent = find_zone(account, zone_id)
    name = account.settings.zone_name
    if parent is None or not name.endswith(f".{parent['HostedZone']['Name'].rstrip('.')}"):
        other = f"{zone_id} (zone.delegation) is not a zone above {name}"
        none = f"there is no zone {zone_id} (zone.delegation) in this account"
        yield missing(
            other if parent else none,
            "set zone.delegation to the id of the parent's zone, or to manual",
            blocks=True,
        )


def _without_zone(account: Account) -> Iterator[AccountFinding]:
    own = account.settings
    if not isinstance(own.zone, CreatedZone):
        named = f"{own.zone.id} (zone.id)" if isinstance(own.zone, ExistingZone) else own.zone_name
        yield missing(
            f"there is no public zone {named} in this account",
            "create it, or let a deploy create one (zone: {create: true})",
            blocks=True,
        )
        return
    shown = _shown(account, own.zone_name)
    if shown:
        yield missing(
            f"{own.zone_name} is delegated to {_list(shown)}, and this account has no such zone",
            f"remove these NS records from the zone above {own.zone_name}; a deploy prints the new"
            " ones",
        )
        return
    yield later(f"the zone {own.zone_name}; its name servers are printed when it exists")


def _compared(account: Account, servers: frozenset[str]) -> AccountFinding:
    name = account.settings.zone_name
    shown = _shown(account, name)
    # As a deploy does: some of the zone's servers are enough, any other one is wrong.
    if shown and shown <= servers:
        return ok(f"{name} is delegated to its zone")
    is_where = f"is delegated to {_list(shown - servers)}" if shown else "is not delegated"
    return missing(
        f"{name} {is_where}; its zone has {_list(servers)}",
        f"set these name servers as the NS records of {name} in the zone above it",
    )


def _hidden(account: Account) -> Iterator[AccountFinding]:
    """Yield the first name between the zone and the device name that another zone answers."""
    own = account.settings
    name = own.zone_name
    between = own.endpoint_domain.removesuffix(name).split(".")[:-1]
    for label in reversed(between):
        name = f"{label}.{name}"
        if servers := _shown(account, name):
            yield missing(
                f"{name} is delegated to {_list(servers)}, which hides the names below it in the"
                f" zone {own.zone_name}",
                "set zone.id and zone.name to that zone",
                blocks=True,
            )
            return


def _shown(account: Account, name: str) -> frozenset[str]:
    try:
        return ParentLookup(network=account.network)(name)
    except DNSException as error:
        raise UserError(f"what public DNS shows is not known: {error}") from error


def _name_servers(account: Account) -> frozenset[str] | None:
    """Return the name servers of the zone in the account; None if there is no such zone."""
    zones = public_zones(account)
    if not zones:
        return None
    # Several zones of one name are possible; Terraform creates or finds one of them.
    servers = (server for zone in zones for server in zone["DelegationSet"]["NameServers"])
    return frozenset(server.lower().rstrip(".") for server in servers)


def _list(servers: frozenset[str]) -> str:
    return plain(", ".join(sorted(servers)))
