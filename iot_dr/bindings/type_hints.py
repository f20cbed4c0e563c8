"""The type checks that the bindings make of every argument, which their generator made slow."""

import functools
import sys
import types
import typing
from collections.abc import Callable
from typing import Any

import jsii
import typeguard

# The generator's name for the functions that do nothing but carry the hints of a call.
_STUB = "_typecheckingstub__"

_unions = (typing.Union, types.UnionType)


def memoize() -> None:
    """Let `typing.get_type_hints` remember its answer for the bindings' stubs, which never change.

    Saves 0.2 ms a resource. Nothing is left unchecked; any other caller gets the usual function.
    """
    resolve = typing.get_type_hints
    remembered = functools.cache(resolve)

    @functools.wraps(resolve)
    def get_type_hints(obj: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401 - as the original
        is_stub = getattr(obj, "__name__", "").startswith(_STUB)
        return (
            remembered(obj) if is_stub and not (args or kwargs) else resolve(obj, *args, **kwargs)
        )

    typing.get_type_hints = get_type_hints


def accept_at_once() -> None:
    """Let `typeguard.check_type` accept without its search what is an instance of a plain class.

    Half of what Python does for a resource is that search, mostly for options that are left out.
    Whatever is not accepted here goes the usual way, to be accepted or refused there.
    """
    module: Any = typeguard
    module.check_type = _accepting(module.check_type)


def _accepting(check: Callable[..., None]) -> Callable[..., None]:
    # By identity: the hash of a union takes longer than the rest. Each is kept, so none is reused.
    seen: dict[int, tuple[object, dict[type, bool]]] = {}

    @functools.wraps(check)
    def check_type(
        argname: str, value: object, expected_type: object, *memo: object, **names: object
    ) -> None:
        _, accepted = seen.setdefault(id(expected_type), (expected_type, {}))
        kind = type(value)
        if kind not in accepted:
            accepted[kind] = _is_instance(kind, expected_type)
        if not accepted[kind]:
            if not memo:
                # The original looks names up in the frame that calls it.
                frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage] - the original does so
                names = {"globals": frame.f_globals, "locals": frame.f_locals} | names
            check(argname, value, expected_type, *memo, **names)

    return check_type


def _is_instance(kind: type, expected: object) -> bool:
    """Whether a class decides that its instances are of a type, whatever they contain."""
    if typing.get_origin(expected) in _unions:
        return any(_is_instance(kind, option) for option in typing.get_args(expected))
    if isinstance(expected, jsii.JSIIMeta):
        return issubclass(kind, expected)
    return isinstance(expected, type) and kind is expected
