"""Names that a deploy needs and somebody has taken: they exist, and are in no state."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from shlex import quote
from typing import Final

from environments.settings import ExistingZone, LookedUpZone
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.errors import RequestRefusedError
from iot_dr.observe.doctor.account import Account, together
from iot_dr.observe.doctor.finding import AccountFinding, missing, ok, unknown
from iot_dr.observe.doctor.named_kinds import KINDS, KINDS_OF_ABANDONED, NamedKind
from iot_dr.observe.state.abandoned_record import read_abandoned
from iot_dr.observe.status.store import StoreWithClients
from iot_dr.observe.switch.record_sets import RecordSet, records_at
from iot_dr.terraform_json.json_value import text
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.state_file import StateFile
from modules.global_region import GLOBAL_REGION
from modules.stack_names import stack_name
from stacks.platform_graph import platform_graph
from stacks.state_location import state_location

# S3's answer about a bucket of another account, or to a caller without s3:ListBucket.
_NOT_OURS: Final = "403"
_RECORD: Final = "aws_route53_record"


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield the names that are taken, of resources that a deploy would create.

    In a region that was abandoned and is to come back, with the commands that remove them.
    """
    states = set(account.settings.state_buckets.values())
    returning = dict[str, str]()
    looks: dict[tuple[str, str], Callable[[], Iterable[AccountFinding]]] = {}
    abandoned = read_abandoned(account.settings, StoreWithClients(account.clients))
    if isinstance(abandoned, UserError):
        looks["", "abandoned regions"] = partial(iter, [unknown(abandoned)])
    else:
        returning = {each.region: each.since for each in abandoned}
    listed: dict[tuple[str, str, NamedKind], list[Resource]] = {}
    for type_, kind in (KINDS | KINDS_OF_ABANDONED).items():
        for resource in account.of_type(type_):
            is_looked_for = type_ in KINDS or resource.region in returning
            # Another check looks at the state buckets.
            if is_looked_for and resource.values.get("bucket") not in states:
                key = resource.region or "", resource.stack, kind
                listed.setdefault(key, []).append(resource)
    for (region, stack, kind), named in listed.items():
        look = partial(_taken, account, kind, named, returning.get(region))
        looks[region, f"{stack}, {kind.noun}s"] = look
    for region in returning.keys() & {*account.settings.regions}:
        looks[region, "record"] = partial(_record, account, region, returning[region])
    problems = list(together(looks))
    yield from problems or [ok("none is taken by a resource that is in no state")]


def _taken(
    account: Account, kind: NamedKind, resources: list[Resource], since: str | None
) -> Iterator[AccountFinding]:
    for resource in resources:
        name = text(resource.values.get(kind.argument))
        is_known = name and "${" not in name
        if is_known and not account.is_applied(resource) and _exists(account, resource, kind, name):
            region = resource.region or ""
            message = f"the {kind.noun} {name} exists, and is not in the state of {resource.stack}"
            if since:
                commands = (each.format(name=name, region=region) for each in kind.removal)
                yield _left(message, region, since, *commands)
                continue
            yield missing(
                message,
                "delete it if nothing uses it, import it into that state, or choose other names"
                " (project, state.bucket_prefix)",
                region=region,
                blocks=True,
            )


def _left(message: str, region: str, since: str, *commands: str) -> AccountFinding:
    remedy = (
        f"it is left from before {region} was abandoned ({since}); remove it, or import it into"
        " that state (docs/runbooks/add-region.md)"
    )
    return missing(message, remedy, *commands, region=region, blocks=True)


def _record(account: Account, region: str, since: str) -> Iterator[AccountFinding]:
    """Yield the finding about the record of a returning region's own name, if it is left."""
    stack = stack_name(account.settings.environment, "iot", region)
    zone, name = _zone_id(account), account.settings.regional_name(region)
    own = next((each for each in account.of_type(_RECORD, region) if each.stack == stack), None)
    if zone is None or own is None or account.is_applied(own):
        return
    for record in records_at(account.clients, zone, name):
        message = f"the record {name} exists, and is not in the state of {stack}"
        yield _left(message, region, since, _deletion(zone, record))


def _deletion(zone: str, record: RecordSet) -> str:
    # A record is deleted by all of its values:
    # docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
    batch = json.dumps({"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]})
    command = "aws route53 change-resource-record-sets --hosted-zone-id"
    return f"{command} {zone} --change-batch {quote(batch)}"


def _zone_id(account: Account) -> str | None:
    """Return the id of the zone, from the settings or the state that created it; None if neither.

    Raises UserError if the state cannot be read.
    """
    settings = account.settings
    if isinstance(settings.zone, ExistingZone):
        return settings.zone.id
    if isinstance(settings.zone, LookedUpZone):
        return None
    place = state_location(settings, platform_graph(settings).only("hosted-zone"))
    stored = StoreWithClients(account.clients).read(place)
    return text(StateFile.read(stored.content, place.url).output("zone_id")) if stored else None


def _exists(account: Account, resource: Resource, kind: NamedKind, name: str) -> bool:
    # IAM has one list of roles.
    is_global = kind.service == "iam" or not resource.region
    region = GLOBAL_REGION if is_global else str(resource.region)
    try:
        account.clients.call(kind.service, region, kind.method, **{kind.parameter: name})
    except RequestRefusedError as error:
        if error.code in kind.free:
            return False
        if error.code == _NOT_OURS:
            return True
        raise
    return True
