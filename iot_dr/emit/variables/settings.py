"""Settings as variables of modules."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType, NoneType
from typing import Final, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from environments.settings import (
    Data,
    Endpoint,
    ExistingZone,
    Health,
    Recovery,
    Settings,
    State,
)
from iot_dr.emit.contract import REQUIRED, Validation, Variable
from iot_dr.emit.variables.rules import (
    field_rules,
    region_list_rules,
    region_rules,
    unless_null,
)

_FIELDS: Final[Mapping[type[BaseModel], tuple[str, ...]]] = {
    Settings: ("project", "environment", "domain", "account_id"),
    Endpoint: ("label", "ttl", "tls_policy", "certificate_minutes"),
    Health: ("interval", "threshold"),
    Recovery: ("fail_back",),
    State: ("bucket_prefix",),
    Data: (
        "point_in_time_days",
        "stream_hours",
        "stream_shards",
        "reconcile_hours",
        "reconcile_rate",
        "parallelization_factor",
        "copy_reported",
        "deletion_percent",
        "create_trail",
    ),
}
# What a module derives if it is null.
_DERIVED: Final = {
    "account_id": "the AWS account that may be touched, or null for the provider's",
    "bucket_prefix": "what the names of buckets begin with, or null for the project's name and the"
    " account",
    "region": "the AWS region, one with IoT Core, or null for the provider's",
}
# In place of descriptions that refer to the settings file.
_WORDS: Final = {
    "fail_back": "when devices return to the primary: latched, once an operator has switched back,"
    " or auto, as soon as its health check passes",
    "environment": "the environment's name, such as dev",
    "zone_id": "the id of the environment's hosted zone, such as Z0EXAMPLE",
}
_TYPES: Final[Mapping[object, str]] = {
    bool: "bool",
    int: "number",
    str: "string",
    tuple[str, ...]: "list(string)",
}


def _variables() -> Iterator[Variable]:
    for model, names in _FIELDS.items():
        for name in names:
            field = model.model_fields[name]
            yield _setting(name, field)
    regions = Settings.model_fields["regions"]
    yield _variable("regions", regions, region_list_rules("regions", regions))
    primary = _variable(
        "primary_region", Settings.model_fields["primary_region"], region_rules("primary_region")
    )
    yield primary
    region = replace(primary, name="region", validations=tuple(region_rules("region")))
    yield _or_null(region, _DERIVED["region"])
    zone = ExistingZone.model_fields["id"]
    yield _variable("zone_id", zone, field_rules("zone_id", zone))
    parent = _variable("parent_zone_id", zone, field_rules("parent_zone_id", zone))
    yield _or_null(
        parent,
        "the id of the parent's zone in the same account, where the record with the"
        " name servers is then created, or null for none",
    )


def _setting(name: str, field: FieldInfo) -> Variable:
    if NoneType not in get_args(field.annotation):
        variable = _variable(name, field, field_rules(name, field))
        return _or_null(variable, _DERIVED[name]) if name in _DERIVED else variable
    value = FieldInfo.from_annotation(get_args(field.annotation)[0])
    return _or_null(_variable(name, value, field_rules(name, value)), field.description or "")


def _or_null(variable: Variable, description: str) -> Variable:
    return replace(
        variable,
        description=description,
        default=None,
        validations=unless_null(variable.name, variable.validations),
        nullable=True,
    )


def _variable(name: str, field: FieldInfo, rules: Iterable[Validation]) -> Variable:
    return Variable(
        name=name,
        type=_TYPES[_kind(field.annotation)],
        description=_WORDS.get(name) or field.description or "",
        default=REQUIRED
        if field.is_required()
        else field.get_default(call_default_factory=True, validated_data={}),
        validations=tuple(rules),
    )


def _kind(annotation: object) -> object:
    values: tuple[object, ...] = get_args(annotation)
    return type(values[0]) if get_origin(annotation) is Literal else annotation


SETTINGS: Final[Mapping[str, Variable]] = MappingProxyType(
    {variable.name: variable for variable in _variables()}
)
"""The variable of each setting by name, with the setting's description."""
