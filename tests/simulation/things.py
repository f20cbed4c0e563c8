"""Things, their groups and types, in the IoT Core of one region.

Errors and limits are those of docs.aws.amazon.com/iot/latest/apireference. Detaching a certificate
is asynchronous; that lists show it until the end is assumed (ADR 0022).
"""

import copy
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

ACCOUNT = "111122223333"
EXCLUSIVE, SHARED = "EXCLUSIVE_THING", "NON_EXCLUSIVE_THING"
_PAGE = 2
"""The most items of a page, so that callers follow the cursors."""
_TYPE_REST = 300_000
"""Milliseconds between the deprecation of a type and its deletion."""
Request = Mapping[str, Any]


def aws_error(code: str, message: str = "") -> ClientError:
    """Return the error that boto3 raises for an error code."""
    status = {"ThrottlingException": 429, "ResourceNotFoundException": 404}.get(code, 400)
    answer: Any = {"Error": {"Code": code, "Message": message}}
    answer["ResponseMetadata"] = {"HTTPStatusCode": status}
    return ClientError(answer, "Simulated")


def require(holds: object, code: str, message: str = "") -> None:
    """Raise the error with a code unless something holds."""
    if not holds:
        raise aws_error(code, message)


def entry_of(entries: Mapping[Any, Any], name: object) -> Any:
    """Return an entry, or raise as IoT Core does for one that does not exist."""
    require(name in entries, "ResourceNotFoundException")
    return entries[name]


def page(
    r: Request, member: str, names: Iterable[str], make: Callable[[str], Any] = str
) -> dict[str, Any]:
    """Return one page of a list, in the order of the names."""
    after = r.get("nextToken", r.get("marker", ""))
    size = min(_PAGE, r.get("maxResults", r.get("pageSize", _PAGE)))
    rest = sorted(name for name in names if name > after)
    # Each list has one of the two, and the access asks for the one that its list has.
    more = dict.fromkeys(("nextToken", "nextMarker"), rest[size - 1]) if len(rest) > size else {}
    return {member: [make(name) for name in rest[:size]], **more}


class Things:
    """The things of a region, as the client `iot` changes them; each call takes its request.

    `now` returns milliseconds since 1970, and `detaching_takes` those until a detachment is done.
    """

    def __init__(
        self, region: str, now: Callable[[], int], detaching_takes: Callable[[], int]
    ) -> None:
        self.region, self.now, self._detaching_takes = region, now, detaching_takes
        self.things: dict[str, Any] = {}
        self.groups: dict[str, Any] = {}
        self.types: dict[str, Any] = {}
        self.certificates: dict[str, Any] = {}
        self.attached: dict[tuple[str, str], str] = {}
        """The type of each attachment of a thing and a certificate."""
        self.detaching: dict[tuple[str, str], int] = {}
        self.members: set[tuple[str, str]] = set()
        self.targets: set[tuple[str, str]] = set()
        """Policies and the ARNs to which they are attached."""

    def arn(self, resource: str) -> str:
        """Return the ARN of a resource such as `cert/abc`."""
        return f"arn:aws:iot:{self.region}:{ACCOUNT}:{resource}"

    def date(self) -> datetime:
        return datetime.fromtimestamp(self.now() / 1000, UTC)

    def describe_endpoint(self, _r: Request) -> Any:
        return {"endpointAddress": f"data.iot.{self.region}.example"}

    # Things

    def list_things(self, r: Request) -> Any:
        return page(r, "things", self.things, lambda name: {"thingName": name})

    def describe_thing(self, r: Request) -> Any:
        thing = entry_of(self.things, r["thingName"])
        kind = {"thingTypeName": thing["type"]} if thing["type"] else {}
        return {"version": thing["version"], "attributes": dict(thing["attributes"]), **kind}

    def _require_type(self, r: Request) -> None:
        if "thingTypeName" in r:
            kind = entry_of(self.types, r["thingTypeName"])
            require(not kind["deprecated"], "InvalidRequestException", "deprecated type")

    def create_thing(self, r: Request) -> None:
        self._require_type(r)
        attributes = dict(r.get("attributePayload", {}).get("attributes", {}))
        made = {"type": r.get("thingTypeName"), "attributes": attributes, "version": 1}
        existing = self.things.setdefault(r["thingName"], made)
        is_equal = {**existing, "version": 1} == made
        require(is_equal, "ResourceAlreadyExistsException")

    def update_thing(self, r: Request) -> None:
        thing = self._expected(self.things, r["thingName"], r)
        self._require_type(r)
        if "thingTypeName" in r or r.get("removeThingType"):
            thing["type"] = r.get("thingTypeName")
        if payload := r.get("attributePayload"):
            kept = thing["attributes"] if payload.get("merge") else {}
            merged = {**kept, **payload.get("attributes", {})}
            thing["attributes"] = {name: value for name, value in merged.items() if value}
        thing["version"] += 1

    def _expected(self, entries: Mapping[str, Any], name: str, r: Request) -> Any:
        entry = entry_of(entries, name)
        is_expected = r.get("expectedVersion") in (None, entry["version"])
        require(is_expected, "VersionConflictException")
        return entry

    def delete_thing(self, r: Request) -> None:
        name = r["thingName"]
        if name in self.things:
            self._expected(self.things, name, r)
            has_principals = any(thing == name for thing, _ in self.attachments())
            require(not has_principals, "InvalidRequestException", "has principals")
            del self.things[name]
            self.members = {each for each in self.members if each[0] != name}

    # Attachments of certificates to things

    def attachments(self) -> dict[tuple[str, str], str]:
        for pair in [pair for pair, at in self.detaching.items() if at <= self.now()]:
            self.attached.pop(pair, None)
            del self.detaching[pair]
        return self.attached

    def list_thing_principals_v2(self, r: Request) -> Any:
        entry_of(self.things, r["thingName"])
        kinds = {name: kind for (thing, name), kind in self.attachments().items()
                 if thing == r["thingName"]}  # fmt: skip
        return page(r, "thingPrincipalObjects", kinds, lambda name: {
            "principal": self.arn(f"cert/{name}"), "thingPrincipalType": kinds[name],
        })  # fmt: skip

    def list_principal_things(self, r: Request) -> Any:
        name = r["principal"].rpartition("/")[2]
        return page(r, "things", [thing for thing, each in self.attachments() if each == name])

    def attach_thing_principal(self, r: Request) -> None:
        thing, name = r["thingName"], r["principal"].rpartition("/")[2]
        kind, pair = r.get("thingPrincipalType", SHARED), (thing, name)
        entry_of(self.things, thing)
        entry_of(self.certificates, name)
        attached = self.attachments()
        others = {kind for each, kind in attached.items() if each[1] == name and each[0] != thing}
        is_refused = EXCLUSIVE in others or (others and kind == EXCLUSIVE)
        require(not is_refused, "InvalidRequestException", "exclusive")
        is_same = attached.get(pair, kind) == kind
        require(is_same, "InvalidRequestException", "attached with another type")
        attached[pair] = kind
        self.detaching.pop(pair, None)

    def detach_thing_principal(self, r: Request) -> None:
        pair = (r["thingName"], r["principal"].rpartition("/")[2])
        entry_of(self.things, r["thingName"])
        if pair in self.attachments():
            self.detaching[pair] = self.now() + self._detaching_takes()

    # Thing groups

    def list_thing_groups(self, r: Request) -> Any:
        return page(r, "thingGroups", self.groups, lambda name: {"groupName": name})

    def describe_thing_group(self, r: Request) -> Any:
        group = entry_of(self.groups, r["thingGroupName"])
        parent = {"parentGroupName": group["parent"]} if group["parent"] else {}
        return {
            "version": group["version"],
            "thingGroupProperties": copy.deepcopy(group["properties"]),
            "thingGroupMetadata": {"creationDate": group["created"], **parent},
        }

    def create_thing_group(self, r: Request) -> None:
        if parent := r.get("parentGroupName"):
            entry_of(self.groups, parent)
        require(r["thingGroupName"] not in self.groups, "ResourceAlreadyExistsException")
        self.groups[r["thingGroupName"]] = {
            "version": 1, "parent": parent, "created": self.date(),
            "properties": copy.deepcopy(r.get("thingGroupProperties", {})),
        }  # fmt: skip

    def update_thing_group(self, r: Request) -> None:
        group = self._expected(self.groups, r["thingGroupName"], r)
        group["properties"].update(copy.deepcopy(r["thingGroupProperties"]))
        group["version"] += 1

    def delete_thing_group(self, r: Request) -> None:
        name = r["thingGroupName"]
        if name in self.groups:
            is_leaf = all(group["parent"] != name for group in self.groups.values())
            require(is_leaf, "InvalidRequestException", "has child groups")
            self._expected(self.groups, name, r)
            del self.groups[name]
            self.members = {each for each in self.members if each[1] != name}
            arn = self.arn(f"thinggroup/{name}")
            self.targets = {each for each in self.targets if each[1] != arn}

    def list_thing_groups_for_thing(self, r: Request) -> Any:
        entry_of(self.things, r["thingName"])
        groups = [group for thing, group in self.members if thing == r["thingName"]]
        return page(r, "thingGroups", groups, lambda name: {"groupName": name})

    def list_things_in_thing_group(self, r: Request) -> Any:
        entry_of(self.groups, r["thingGroupName"])
        things = [thing for thing, group in self.members if group == r["thingGroupName"]]
        return page(r, "things", things)

    def add_thing_to_thing_group(self, r: Request) -> None:
        self.members.add(self._member(r))

    def remove_thing_from_thing_group(self, r: Request) -> None:
        self.members.discard(self._member(r))

    def _member(self, r: Request) -> tuple[str, str]:
        entry_of(self.things, r["thingName"])
        entry_of(self.groups, r["thingGroupName"])
        return r["thingName"], r["thingGroupName"]

    # Thing types

    def list_thing_types(self, r: Request) -> Any:
        return page(r, "thingTypes", self.types, lambda name: {"thingTypeName": name})

    def describe_thing_type(self, r: Request) -> Any:
        kind = entry_of(self.types, r["thingTypeName"])
        date = {"deprecationDate": kind["deprecated"]} if kind["deprecated"] else {}
        properties = copy.deepcopy(kind["properties"])
        metadata = {"deprecated": bool(date), **date}
        return {"thingTypeProperties": properties, "thingTypeMetadata": metadata}

    def create_thing_type(self, r: Request) -> None:
        require(r["thingTypeName"] not in self.types, "ResourceAlreadyExistsException")
        properties = copy.deepcopy(r.get("thingTypeProperties", {}))
        self.types[r["thingTypeName"]] = {"properties": properties, "deprecated": None}

    def update_thing_type(self, r: Request) -> None:
        kind = entry_of(self.types, r["thingTypeName"])
        kind["properties"] = copy.deepcopy(r["thingTypeProperties"])

    def deprecate_thing_type(self, r: Request) -> None:
        kind = entry_of(self.types, r["thingTypeName"])
        kind["deprecated"] = None if r.get("undoDeprecate") else self.date()

    def delete_thing_type(self, r: Request) -> None:
        name = r["thingTypeName"]
        if name in self.types:
            since = self.types[name]["deprecated"]
            is_over = since and self.now() - since.timestamp() * 1000 >= _TYPE_REST
            is_used = any(thing["type"] == name for thing in self.things.values())
            require(is_over and not is_used, "InvalidRequestException")
            del self.types[name]
