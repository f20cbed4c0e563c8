"""moto's change batches as Route 53 makes them: all changes or none, and no conflicting records.

docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html (transactional;
DELETE needs the values of the record), API_ResourceRecordSet.html (Failover, SetIdentifier),
Route53/latest/DeveloperGuide: ResourceRecordTypes.html (CNAME), routing-policy-simple.html.
"""

from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final, cast

from moto.core.exceptions import ServiceException
from moto.route53 import models as moto_models

models: Final = cast("Any", moto_models)
_BACKEND: Final = models.Route53Backend
_CHANGE: Final = _BACKEND.change_resource_record_sets
Key = tuple[str, str, str]


class InvalidChangeBatch(ServiceException):
    """A batch that Route 53 refuses as a whole."""

    code = "InvalidChangeBatch"


def fix_record_changes() -> None:
    """Let this process's moto refuse the batches that Route 53 refuses, before any change.

    Ids of zones begin with Z, as those of AWS.
    """
    _BACKEND.change_resource_record_sets = _change
    made: Callable[..., str] = models.create_route53_zone_id

    def zone_id(**given: Any) -> str:
        return f"Z{made(**given)[1:]}"

    models.create_route53_zone_id = zone_id


def _change(backend: Any, zoneid: str, change_list: list[dict[str, Any]]) -> None:
    zone = backend.get_hosted_zone(zoneid)
    records = {_key(each): each for each in map(_stored, zone.rrsets)}
    touched: set[str] = set()
    for change in change_list:
        record = change["ResourceRecordSet"]
        key, action = _key(record), change["Action"]
        touched.add(key[0])
        shown = f"[name='{key[0]}', type='{key[1]}', set-identifier='{key[2]}']"
        if action == "CREATE" and key in records:
            raise InvalidChangeBatch(
                f"[Tried to create resource record set {shown} but it already exists]"
            )
        if action == "DELETE":
            if key not in records:
                raise InvalidChangeBatch(
                    f"[Tried to delete resource record set {shown} but it was not found]"
                )
            if _values(records.pop(key)) != _values(record):
                raise InvalidChangeBatch(
                    f"[Tried to delete resource record set {shown} but the values provided do not"
                    " match the current values]"
                )
            continue
        records[key] = record
    by_name = defaultdict[str, list[dict[str, Any]]](list)
    for (name, _, _), record in records.items():
        by_name[name].append(record)
    apex = zone.name.strip(".").lower()
    for name in touched:
        _refuse_conflicts(name, by_name[name], is_apex=name == apex)
    # moto would also delete records of other names with the same identifier, and would refuse to
    # create a record again that was deleted.
    deleted = {
        _key(each["ResourceRecordSet"]) for each in change_list if each["Action"] == "DELETE"
    }
    zone.rrsets = [each for each in zone.rrsets if _key(_stored(each)) not in deleted]
    kept = [each for each in change_list if each["Action"] != "DELETE"]
    _CHANGE(backend, zoneid, [deepcopy({**each, "Action": "UPSERT"}) for each in kept])


def _refuse_conflicts(name: str, records: list[dict[str, Any]], *, is_apex: bool) -> None:
    types = {record["Type"] for record in records}
    if "CNAME" in types and (is_apex or len(types) > 1):
        raise InvalidChangeBatch(
            f"[RRSet of type CNAME with DNS name {name}. is not permitted as it conflicts with"
            " other records with the same DNS name]"
        )
    for type_ in types:
        of_type = [record for record in records if record["Type"] == type_]
        sides = [record["Failover"] for record in of_type if record.get("Failover")]
        if len(of_type) > 1 and len(sides) not in {0, len(of_type)}:
            raise InvalidChangeBatch(
                f"[RRSet with DNS name {name}., type {type_} cannot be created because a record"
                " with another routing policy exists]"
            )
        if len(sides) != len(set(sides)):
            raise InvalidChangeBatch(
                f"[RRSet with DNS name {name}., type {type_}: a failover side is given twice]"
            )


def _key(record: dict[str, Any]) -> Key:
    name = str(record["Name"]).strip(".").lower()
    return name, record["Type"], record.get("SetIdentifier") or ""


def _stored(record: Any) -> dict[str, Any]:
    """Return a record of moto's as a request contains it."""
    return {
        "Name": record.name,
        "Type": record.type,
        "SetIdentifier": record.set_identifier,
        "Failover": record.failover,
        "TTL": record.ttl,
        "ResourceRecords": record.resource_records or [],
        "HealthCheckId": record.health_check_id,
        "AliasTarget": record.alias_target,
    }


def _values(record: dict[str, Any]) -> list[str]:
    """Return what a DELETE has to repeat."""
    values = sorted(str(each["Value"]).strip(".") for each in record.get("ResourceRecords") or ())
    alias = record.get("AliasTarget") or {}
    target = str(alias.get("DNSName", "")).strip(".")
    return [
        *values,
        *(str(record.get(key) or "") for key in ("TTL", "HealthCheckId", "Failover")),
        target,
    ]
