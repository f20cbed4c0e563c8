"""The stand-in provider: answers the calls of plugin protocol 5 for one configuration."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from iot_dr.terraform.standin.applying import apply_plan
from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.checking import check_config
from iot_dr.terraform.standin.existing import (
    NO_RESOURCES,
    ExistingFileError,
    ExistingResources,
    as_values,
)
from iot_dr.terraform.standin.identity import DEFAULT_ACCOUNT, Origin
from iot_dr.terraform.standin.messages import decode_request, encode_response
from iot_dr.terraform.standin.narrowing import narrowed
from iot_dr.terraform.standin.planned import PlannedResources
from iot_dr.terraform.standin.planning import (
    ProviderSettings,
    plan_change,
    set_common,
    set_defaults,
    set_normal,
)
from iot_dr.terraform.standin.problem import Problem
from iot_dr.terraform.standin.schema import CtyType, Kind, NestedBlock, SchemaBlock
from iot_dr.terraform.standin.services import behaviour_of
from iot_dr.terraform.standin.values import UNKNOWN, Value, is_list, is_object


def reshaped(block: SchemaBlock, stored: Mapping[str, Value]) -> dict[str, Value]:
    """Return a stored state in a block's form: removed attributes dropped, new ones null.

    An empty mapping becomes a block with nothing set.
    """
    attributes = {
        name: _of_type(attribute.type, stored.get(name))
        for name, attribute in block.attributes.items()
    }
    blocks = {name: _nested(nested, stored.get(name)) for name, nested in block.blocks.items()}
    return {**attributes, **blocks}


def _nested(nested: NestedBlock, value: Value) -> Value:
    if nested.nesting == "single":
        return reshaped(nested.block, value) if is_object(value) else None
    if nested.nesting == "map":
        named = value.items() if is_object(value) else ()
        return {key: reshaped(nested.block, member) for key, member in named} or None
    return [reshaped(nested.block, member) for member in value] if is_list(value) else []


def _of_type(type_: CtyType, value: Value) -> Value:
    if isinstance(type_, str):
        return value
    kind, inner = type_
    if kind == "object" and is_object(value):
        return {name: _of_type(member, value.get(name)) for name, member in inner.items()}
    if kind == "map" and is_object(value):
        return {key: _of_type(inner, member) for key, member in value.items()}
    if kind in {"list", "set"} and is_list(value):
        return [_of_type(inner, member) for member in value]
    return value


PRIVATE_MARK: Final = b'{"iot-dr-standin":"made up, in no AWS account"}'
"""The private data of every resource in a state that the stand-in wrote."""

_ZONE: Final = "aws_route53_zone"

_Request = Mapping[str, Any]
_Response = dict[str, Any]

_FOREIGN = Problem(
    "State of another provider",
    "The stand-in did not write this resource's state and will not touch it. "
    "Use the provider that made it, or a state of the stand-in's own.",
)


class StandinProvider:
    """One configured provider; each alias and each Terraform run has its own."""

    def __init__(
        self,
        cache: SchemaCache,
        scope: Sequence[Path] = (),
        existing: ExistingResources = NO_RESOURCES,
    ) -> None:
        """Answer from `cache`; with folders in `scope`, only the types that are used there.

        `existing` are the resources that can be imported.
        """
        self._cache = cache
        self._scope = scope
        self._existing = existing
        self._planned = PlannedResources()
        self._settings = ProviderSettings(Origin(DEFAULT_ACCOUNT, ""))
        self._handlers: Mapping[str, Callable[[_Request], _Response]] = {
            "PrepareProviderConfig": _prepare,
            "Configure": self._configure,
            "ValidateResourceTypeConfig": lambda request: self._validate("resource", request),
            "ValidateDataSourceConfig": lambda request: self._validate("data", request),
            "UpgradeResourceState": self._upgrade,
            "ReadResource": self._read,
            "PlanResourceChange": self._plan,
            "ApplyResourceChange": self._apply,
            "ImportResourceState": self._import,
            "ReadDataSource": self._read_data,
            "Stop": lambda _request: {},
        }

    def answer(self, method: str, message: bytes) -> bytes:
        """Answer one call; any exception becomes an error for Terraform to show."""
        type_name = ""
        try:
            if method == "GetSchema":
                response = self._cache.response()
                return narrowed(response, self._scope) if self._scope else response
            request = decode_request(method, message)
            type_name = request.get("type_name", "")
            return encode_response(method, self._handlers[method](request))
        except Exception as error:  # noqa: BLE001 - a defect here must not end Terraform's run
            problem = Problem(
                "The stand-in provider failed",
                f"{method} {type_name}: {type(error).__name__}: {error}. "
                "This is a defect of the stand-in, not of the configuration.",
            )
            return encode_response(method, {"diagnostics": [problem]})

    def _configure(self, request: _Request) -> _Response:
        config = request["config"]
        region = config.get("region")
        if not isinstance(region, str) or not region:
            detail = "The stand-in takes the region from the provider block only: set `region`."
            return {"diagnostics": [Problem("Missing region", detail, ("region",))]}
        self._settings = ProviderSettings(Origin(_account(config), region), _default_tags(config))
        return {}

    def _described(self, kind: Kind, request: _Request) -> tuple[str, SchemaBlock, Behaviour]:
        name: str = request["type_name"]
        return name, self._cache.block(kind, name), behaviour_of(kind, name)

    def _validate(self, kind: Kind, request: _Request) -> _Response:
        _, block, behaviour = self._described(kind, request)
        return {"diagnostics": check_config(block, behaviour, request["config"])}

    def _upgrade(self, request: _Request) -> _Response:
        _, block, _ = self._described("resource", request)
        return {"upgraded_state": reshaped(block, json.loads(request["raw_state"]))}

    def _read(self, request: _Request) -> _Response:
        state, private = request["current_state"], request["private"]
        if state is None:
            return {"new_state": None, "private": private}
        if private != PRIVATE_MARK:
            return {"new_state": state, "diagnostics": [_FOREIGN]}
        _, _, behaviour = self._described("resource", request)
        set_defaults(state, behaviour.computed_later(state, self._origin_of(state)))
        return {"new_state": state, "private": private}

    def _plan(self, request: _Request) -> _Response:
        name, block, behaviour = self._described("resource", request)
        prior, proposed = request["prior_state"], request["proposed_new_state"]
        if prior is not None and request["private"] != PRIVATE_MARK:
            return {"planned_state": proposed, "diagnostics": [_FOREIGN]}
        marks = {"private": PRIVATE_MARK, "legacy_type_system": True}
        if proposed is None:
            return {"planned_state": None, **marks}
        plan = plan_change(block, behaviour, prior, proposed, self._settings)
        self._planned.plan(name, prior, plan.state)
        return {"planned_state": plan.state, "requires_replace": plan.replace, **marks}

    def _apply(self, request: _Request) -> _Response:
        name, block, behaviour = self._described("resource", request)
        planned = request["planned_state"]
        if planned is None:
            return {"new_state": None}
        set_normal(behaviour, planned)
        set_common(block, planned, self._settings)
        state = apply_plan(name, block, behaviour, planned, self._origin_of(planned))
        self._planned.exist(name, state)
        return {"new_state": state, "private": PRIVATE_MARK, "legacy_type_system": True}

    def _import(self, request: _Request) -> _Response:
        name, block, behaviour = self._described("resource", request)
        id_: str = request["id"]
        try:
            listed = self._existing.listed(name, id_)
        except ExistingFileError as error:
            return {"diagnostics": [Problem("Unusable file of existing resources", str(error))]}
        configured = self._existing.configured(name, id_) if listed is None else None
        if listed is not None or configured is not None:
            is_listed = listed is not None
            # Nobody gave an existing resource the provider's default tags.
            settings = ProviderSettings(self._settings.origin) if is_listed else self._settings
            values = as_values(block, listed or configured or {}, are_literal=is_listed)
            known = behaviour.arguments_of_id(id_)
            values |= {each: value for each, value in known.items() if values[each] is None}
            plan = plan_change(block, behaviour, None, values, settings)
            state = apply_plan(name, block, behaviour, plan.state, self._origin_of(plan.state))
            return {"imported": (name, state, PRIVATE_MARK)}
        return self._import_by_argument(name, block, behaviour, id_)

    def _import_by_argument(
        self, name: str, block: SchemaBlock, behaviour: Behaviour, id_: str
    ) -> _Response:
        """Import a resource of which nothing but its id is known."""
        state = {**reshaped(block, {}), "id": id_}
        if behaviour.import_argument:
            state[behaviour.import_argument] = id_
            state |= behaviour.computed_on_apply(state, self._settings.origin)
        set_common(block, state, self._settings)
        return {"imported": (name, state, PRIVATE_MARK)}

    def _read_data(self, request: _Request) -> _Response:
        name, block, behaviour = self._described("data", request)
        state: dict[str, Value] = request["config"]
        if self._planned.lack(name, state):
            detail = "This apply creates it, so AWS has none yet. Read it once it has been created."
            return {"state": state, "diagnostics": [Problem(f"No such {name}", detail)]}
        set_common(block, state, self._settings)
        for attribute, described in block.attributes.items():
            if described.computed and state[attribute] is None:
                state[attribute] = UNKNOWN
        if name == _ZONE and isinstance(state["zone_id"], str):
            zone = self._existing.zone(state["zone_id"])
            state |= {**zone, "name": zone["name"] or UNKNOWN}
        return {"state": apply_plan(name, block, behaviour, state, self._origin_of(state))}

    def _origin_of(self, state: Mapping[str, Value]) -> Origin:
        region = state.get("region")
        origin = self._settings.origin
        return Origin(origin.account, region) if isinstance(region, str) else origin


def _account(config: Mapping[str, Value]) -> str:
    accounts = config.get("allowed_account_ids")
    named = (
        [account for account in accounts if isinstance(account, str)] if is_list(accounts) else []
    )
    return named[0] if named else DEFAULT_ACCOUNT


def _default_tags(config: Mapping[str, Value]) -> dict[str, Value]:
    blocks = config.get("default_tags")
    tags = [block["tags"] for block in blocks] if is_list(blocks) else []
    return {key: value for given in tags if is_object(given) for key, value in given.items()}


def _prepare(request: _Request) -> _Response:
    return {"prepared_config": request["config"]}
