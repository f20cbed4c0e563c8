"""Hints that are looked up once for a stub, and checks that refuse what typeguard refuses."""

# ruff: noqa: UP006, UP007, UP045 - as the generator writes types
import itertools
import typing
from typing import Any

import cdktf
import pytest
import typeguard
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter
from constructs import Construct
from jsii._type_checking import check_type

from iot_dr.bindings import type_hints


@pytest.fixture(autouse=True)
def memoized(monkeypatch: pytest.MonkeyPatch) -> None:
    # The patch is undone with the attribute's old value, after the test.
    monkeypatch.setattr(typing, "get_type_hints", typing.get_type_hints)
    type_hints.cache_type_hints()


def _typecheckingstub__example(name: str, count: int | None = None) -> None:
    """As the generator writes them."""


def _ordinary(name: str) -> None:
    """Not a stub."""


def test_a_stub_has_the_hints_it_had() -> None:
    expected = {"name": str, "count": int | None, "return": type(None)}
    assert typing.get_type_hints(_typecheckingstub__example) == expected
    first = typing.get_type_hints(_typecheckingstub__example)
    assert typing.get_type_hints(_typecheckingstub__example) is first


def test_any_other_function_may_change_its_hints() -> None:
    assert typing.get_type_hints(_ordinary)["name"] is str
    _ordinary.__annotations__["name"] = int
    assert typing.get_type_hints(_ordinary)["name"] is int


def test_a_value_that_is_not_a_function_is_refused_as_usual() -> None:
    with pytest.raises(TypeError):
        typing.get_type_hints(3)


def test_a_postponed_annotation_is_evaluated_in_the_stubs_module() -> None:
    names = {"typing": typing}
    exec(  # noqa: S102 - as a generated module that postpones its annotations
        "from __future__ import annotations\n"
        "class Own: pass\n"
        "def _typecheckingstub__own(one: typing.Optional[Own], two: 'Own') -> None: pass\n"
        "def _typecheckingstub__next(one: typing.Optional[Own]) -> None: pass\n",
        names,
    )
    own: Any = names["Own"]
    hints = typing.get_type_hints(names["_typecheckingstub__own"])
    assert hints == {"one": own | None, "two": own, "return": type(None)}
    hints = typing.get_type_hints(names["_typecheckingstub__next"])
    assert hints == {"one": own | None, "return": type(None)}


_VALUES: tuple[Any, ...] = (
    *(None, True, 1, 1.5, "text", b"text", [], ["a"], ["a", 1], {}, {"a": "b"}, {"a": 1}, {1: "a"}),
    *(("a",), object(), cdktf.AssetType.FILE, cdktf.TerraformResourceLifecycle()),
    *(object.__new__(kind) for kind in (Construct, cdktf.TerraformStack, SsmParameter)),
)
_TYPES = (
    *(str, bool, float, int | float, Any, typing.Optional[str], cdktf.AssetType, Construct),
    *(cdktf.TerraformElement, typing.Sequence[str], typing.Mapping[str, str], typing.List[str]),
    *(typing.Mapping[str, Any], typing.Sequence[cdktf.ITerraformDependable], cdktf.IResolvable),
    typing.Optional[typing.Union[bool, cdktf.TerraformResourceLifecycle]],
    typing.Optional[typing.Mapping[str, typing.Sequence[typing.Union[str, int]]]],
)


_typeguard: Any = typeguard


def _refusal(check: Any, value: object, expected: object) -> str:
    try:
        check(argname="it", value=value, expected_type=expected)
    except TypeError as error:
        return str(error)
    return ""


def test_arguments_are_accepted_and_refused_as_by_typeguard() -> None:
    for value, expected in itertools.product(_VALUES, _TYPES):
        usual = _refusal(_typeguard.check_type, value, expected)
        assert _refusal(check_type, value, expected) == usual, (value, expected)
