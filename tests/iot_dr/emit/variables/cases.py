"""Values for the settings of a module, right and wrong, and what the settings say of them."""

import itertools
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, get_args, get_origin

from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from environments.fields import Text, WholeNumber
from environments.regions import IOT_REGIONS
from environments.rules import check_region
from environments.settings import (
    CreatedZone,
    Data,
    Endpoint,
    ExistingZone,
    Health,
    Recovery,
    Settings,
    State,
)
from tests.iot_dr.emit.variables.collected import collected
from tests.iot_dr.emit.variables.judge import Case
from tests.support.examples import examples
from tests.support.settings import document

BASE: Final[Case] = {
    "project": "example",
    "environment": "dev",
    "domain": "example.com",
    "account_id": "111111111111",
    "label": "mqtt",
    "ttl": 60,
    "tls_policy": "IoTSecurityPolicy_TLS13_1_2_2022_10",
    "certificate_minutes": 45,
    "interval": 30,
    "threshold": 3,
    "fail_back": "latched",
    "bucket_prefix": "example-iot",
    "point_in_time_days": 35,
    "stream_hours": 24,
    "stream_shards": 2,
    "reconcile_hours": 24,
    "reconcile_rate": 8,
    "parallelization_factor": 2,
    "copy_reported": True,
    "deletion_percent": 2,
    "create_trail": True,
    "regions": ["eu-west-1", "eu-central-1"],
    "primary_region": "eu-west-1",
    "region": "eu-west-1",
    "zone_id": "Z0EXAMPLE",
    "parent_zone_id": None,
}
"""A right value for each variable."""

_PICKED: Final[Mapping[str, tuple[Any, ...]]] = {
    "project": ("example", "a", "a-1", "a--b", "1a", "-a", "a-", "a" * 20, "a" * 21, "a_b"),
    "environment": ("dev", "all", "all1", "al", "ALL", "a" * 12, "a" * 13, "all-", "a-all"),
    "domain": (
        *("example.com", "a.b", "com", "a.b.", ".a.b", "a..b", "-a.b", "a-.b", "a.b-", "a_b.c"),
        *("10.0.0.1", "10.0.0.1a", "1.2.a3", "1.2", "1.2.-3", "xn--a.xn--b", "a.1-1", "a.b.1.2"),
        *(f"{'a' * size}.b" for size in (51, 52, 53, 62, 63, 64)),
        *(f"b.{'1' * size}" for size in (51, 52, 53, 62)),
    ),
    "account_id": ("000000000000", "1" * 11, "1" * 13, "11111111111a", "1" * 11 + "\u0661"),
    "label": ("a", "-", "a-", "-a", "0", "a.b", "xn--a", "a" * 47, "a" * 48, "a" * 49),
    "tls_policy": ("IoTSecurityPolicy_TLS12_1_0_2016_01",),
    "interval": (9, 11, 20, 29, 31, 10.5, -10),
    "bucket_prefix": (
        *("xn--a", "xn-a", "sthree-", "sthree", "amzn-s3-demo-a", "amzn-s3-demo", "a-xn--"),
        *("-a", "a-", "0", "a.b", "a" * 44, "a" * 45, "a" * 46, "a" * 63, "a" * 64),
    ),
    "stream_shards": (None,),
    "regions": (
        *([], ["eu-west-1"], ["eu-west-1", "eu-west-1"], ["eu-west-1", "eu-west-4"]),
        *(["eu-west-1", None], [None, None], ["eu-west-1", "eu-west-2", "eu-west-1"]),
        *(["eu-west-1", *IOT_REGIONS[:size]] for size in (1, 2, 3, 4, 5, 6)),
        ["eu-west-2", "eu-west-3"],
    ),
    "zone_id": ("Z0", "Z", "z0", "A0", "/hostedzone/Z0", "Z" * 31, "Z" * 32, "Z" * 33),
    "parent_zone_id": (None, "Z0PARENT", "manual"),
}
_TOGETHER: Final[Mapping[tuple[str, str], tuple[tuple[Any, ...], tuple[Any, ...]]]] = {
    ("environment", "domain"): (
        ("a", "a" * 11, "a" * 12, "a" * 13, "all", ""),
        tuple(f"{'a' * size}.{'b' * 10}" for size in (33, 34, 35, 43, 44, 45, 46)),
    ),
    ("environment", "bucket_prefix"): (
        ("a", "a" * 11, "a" * 12, "a" * 13, "all", ""),
        tuple("a" * size for size in (34, 35, 36, 37, 45, 46, 47, 48)),
    ),
    ("regions", "region"): (
        (["eu-west-1", "eu-west-2"], ["us-east-1", "eu-west-2"], ["eu-west-1", None], []),
        ("eu-west-1", "eu-west-2", "us-east-1", "eu-west-4", ""),
    ),
}
_BLOCKS: Final = {
    "endpoint": Endpoint,
    "health": Health,
    "recovery": Recovery,
    "state": State,
    "data": Data,
}
_FIELDS: Final[Mapping[str, FieldInfo]] = {
    **Settings.model_fields,
    **{name: field for model in _BLOCKS.values() for name, field in model.model_fields.items()},
    "stream_shards": FieldInfo.from_annotation(
        get_args(Data.model_fields["stream_shards"].annotation)[0]
    ),
    "zone_id": ExistingZone.model_fields["id"],
    "parent_zone_id": CreatedZone.model_fields["delegation"],
}
_ODD_SIGNS: Final = "aZz09-._/ \n\r\t$\u00e4\u0301\u0661\u212a\U0001f600"
_EXAMPLES: Final = min(60, examples(20))


def cases() -> Iterator[tuple[tuple[str, ...], Case]]:
    """Return the base with changes, each with the names of the variables that may be changed.

    A bool's type is its only rule.
    """
    for name in (each for each, value in BASE.items() if not isinstance(value, bool)):
        values = [BASE[name], *_PICKED.get(name, ()), *collected(_values(name), _EXAMPLES)]
        yield from (((name,), {**BASE, name: _as_terraform_reads(value)}) for value in values)
    for (one, other), values in _TOGETHER.items():
        for first, second in itertools.product(*values):
            yield (one, other), {**BASE, one: first, other: second}


def is_taken(case: Case) -> bool:
    """Whether the settings take all values of a case."""
    # An operator who writes the name servers is null here.
    parent = case["parent_zone_id"]
    if parent == "manual" or list(check_region(case["primary_region"], IOT_REGIONS)):
        return False
    zones = ({"id": case["zone_id"]}, {"delegation": "manual" if parent is None else parent})
    return not any(refusals(case, zone) for zone in zones)


def refusals(case: Case, zone: Mapping[str, str]) -> list[ErrorDetails]:
    """Return what the settings say against a case, in an environment with this zone."""
    blocks = {
        block: {name: case[name] for name in BASE.keys() & model.model_fields.keys()}
        for block, model in _BLOCKS.items()
    }
    flat = {name: case[name] for name in BASE.keys() & Settings.model_fields.keys()}
    # A module works in one of the regions, and every one of them may be these.
    of_regions = dict.fromkeys(("home_region", "primary_region"), case["region"])
    try:
        Settings.model_validate(document(**{**flat, **blocks, **of_regions}, zone=zone))
    except ValidationError as error:
        return error.errors()
    return []


def _values(name: str) -> st.SearchStrategy[Any]:
    if name == "regions":
        return st.lists(_regions(), max_size=7)
    if name.endswith("region"):
        return _regions()
    field = _FIELDS[name]
    if get_origin(field.annotation) is Literal:
        return _choices(get_args(field.annotation))
    rule = next(each for each in field.metadata if isinstance(each, Text | WholeNumber))
    return _numbers(rule) if isinstance(rule, WholeNumber) else _texts(rule)


def _regions() -> st.SearchStrategy[str]:
    return st.sampled_from(IOT_REGIONS) | _broken(st.sampled_from(IOT_REGIONS))


def _choices(values: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    chosen = st.sampled_from(values)
    if isinstance(values[0], int):
        return chosen | st.integers(min(values) - 2, max(values) + 2)
    return chosen | _broken(chosen)


def _numbers(rule: WholeNumber) -> st.SearchStrategy[int | float]:
    borders = [each + step for each in (rule.lowest, rule.highest) for step in (-1, 0, 1)]
    near = st.integers(rule.lowest - 5, rule.highest + 5)
    halves = near.map(lambda number: number + 0.5)
    tiny = st.sampled_from(borders).map(lambda number: number + 1e-9)
    return st.sampled_from([*borders, -rule.lowest, 10**30]) | near | halves | tiny


def _texts(rule: Text) -> st.SearchStrategy[str]:
    right = st.from_regex(rule.pattern, fullmatch=True)
    size = st.integers(rule.longest - 1, rule.longest + 1)
    long = st.tuples(right, size).map(lambda drawn: (drawn[0] * 70)[: drawn[1]])
    return right | right | long | _broken(right) | st.text(max_size=rule.longest)


def _broken(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return texts with a letter in another case, or with an odd sign somewhere."""
    signs = st.sampled_from(_ODD_SIGNS)
    within = st.tuples(texts, st.integers(0, 70), signs).map(
        lambda drawn: drawn[0][: drawn[1]] + drawn[2] + drawn[0][drawn[1] :]
    )
    return (
        within | texts.map(str.title) | texts.map(str.upper) | texts.map(lambda text: text + "\n")
    )


def _as_terraform_reads(value: Any) -> Any:
    """Return a text in Unicode's form NFC, in which Terraform keeps all of them."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value
