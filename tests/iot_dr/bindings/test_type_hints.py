"""Hints that are looked up once for a stub, and as ever for all else."""

import typing

import pytest

from iot_dr.bindings import type_hints


@pytest.fixture(autouse=True)
def memoized(monkeypatch: pytest.MonkeyPatch) -> None:
    # The patch is undone with the attribute's old value, after the test.
    monkeypatch.setattr(typing, "get_type_hints", typing.get_type_hints)
    type_hints.memoize()


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


def test_what_is_no_function_is_refused_as_ever() -> None:
    with pytest.raises(TypeError):
        typing.get_type_hints(3)  # pyright: ignore[reportArgumentType] - the mistake to be refused
