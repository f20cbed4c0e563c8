"""Requests to jsii's node that Python sends without waiting for an answer.

jsii waits for the answer to each request, and most answers are not needed: the reference of a new
object and the token of an attribute can be chosen by Python, and a method that returns nothing has
none. pipeline.cjs is node's end.

Deadlock is impossible: node writes only what Python waits for, and Python does not write while it
waits. A full pipe blocks Python's write, so node's backlog is at most the pipe's size and node's
read buffer of 1 MiB.
"""

# ruff: noqa: ANN401, SLF001 - jsii's objects are of any class, and its own parts are replaced
# pyrefly: ignore-errors[bad-assignment, implicit-any-lambda, unknown-argument-type, unknown-attribute-access]

import atexit
import functools
import itertools
import json
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

import jsii
from jsii import _kernel, _reference_map
from jsii._kernel.providers import process as provider
from jsii._kernel.types import CreateRequest, LoadRequest, ObjRef
from jsii.errors import ErrorType, JavaScriptError, JSIIError

from iot_dr.bindings.node_error import NodeError, disk_error

# Methods of the engine that change a construct and return nothing, which pipeline.cjs verifies.
_VOID: Final = frozenset({"addDependency", "addOverride", "overrideLogicalId"})
_WITH_ATTRIBUTES: Final = frozenset(
    f"{engine}.{kind}"
    for engine in ("cdktf", "cdktn")
    for kind in ("TerraformResource", "TerraformDataSource")
)
# Above the engine's own counter, and of constant length, so that tokens sort by creation.
_FIRST_TOKEN: Final = 10**9
_INTERFACES: Final = "__jsii_ifaces__"
_PLAIN: Final = frozenset({bool, float, int, str, type(None)})


def install() -> None:
    """Replace the jsii functions that send these requests; must be called before node starts.

    An error of a request that was not waited for is raised by the next request that is, or at exit.
    It names the construct's path, since the traceback shows a later line. Once a class overrides a
    method in Python, node may call it during any request, so Python waits for all of them.
    """
    process: Any = provider._NodeProcess
    pipeline = _Pipeline(jsii.kernel, process.handshake, process.send)
    process.stop = functools.partialmethod(_stop, process.stop)
    # The greeting is read before the first request that needs an answer, so that Python works while
    # node starts.
    process.handshake = lambda _process: None
    process.send = pipeline.send
    jsii.create, jsii.get, jsii.invoke = pipeline.create, pipeline.get, pipeline.invoke


class _Pipeline:
    def __init__(self, kernel: Any, greet: Callable[..., None], send: Callable[..., Any]) -> None:
        self._kernel = kernel
        self._greet = greet
        self._send = send
        # Re-entrant: node may call Python back during a request.
        self._lock = threading.RLock()
        self._loads: int | None = 0
        self._is_known = False
        self._has_overrides = False
        self._has_posted = False
        self._objects = itertools.count()
        self._tokens = itertools.count(_FIRST_TOKEN)

    def create(self, klass: Any, instance: Any, arguments: Sequence[Any]) -> ObjRef:
        """Create an object in node, under a reference that is chosen here."""
        if not self._may_post() or _has_callbacks(klass, type(instance)):
            return self._kernel.create(klass, instance, arguments)
        fqn = klass.__jsii_type__
        reference = ObjRef(f"{fqn}@p{next(self._objects)}")
        self._post(api="create", fqn=fqn, args=arguments, ref=reference.ref)
        instance.__jsii_ref__ = reference
        _reference_map.register_reference(instance)
        return reference

    def get(self, instance: Any, name: str) -> Any:
        """Read a property; the text of a token is chosen here, without waiting."""
        if self._may_post() and _is_attribute(type(instance), name):
            return self._token(api="get", objref=instance, property=name)
        return self._kernel.get(instance, name)

    def invoke(self, instance: Any, method: str, arguments: Sequence[Any]) -> Any:
        """Call a method; the text of a returned token is chosen here, without waiting."""
        if self._may_post():
            if method in _VOID:
                return self._post(api="invoke", objref=instance, method=method, args=arguments)
            if method == "getString" and "RemoteState" in type(instance).__jsii_type__:
                return self._token(api="invoke", objref=instance, method=method, args=arguments)
        return self._kernel.invoke(instance, method, arguments)

    def send(self, request: Any, response_type: type) -> Any:
        """Send a request and return node's answer; the answer to a load is read later.

        Raises NodeError if node has ended, and OSError if node reports a full disk.
        """
        process = self._process
        with self._lock:
            if self._loads is not None and isinstance(request, LoadRequest):
                self._loads += 1
                self._write(process._serializer.unstructure(request), is_awaited=True)
                return None
            self._settle()
            if isinstance(request, CreateRequest) and request.overrides:
                self._has_overrides = True
            self._has_posted = False
            try:
                return self._send(process, request, response_type)
            except (BrokenPipeError, json.JSONDecodeError):
                raise self._ended() from None
            except RuntimeError as error:
                raise disk_error(error) or error from error.__cause__

    @property
    def _process(self) -> Any:
        return self._kernel.provider._process

    def _may_post(self) -> bool:
        if self._loads is not None:
            with self._lock:
                self._settle()
        return self._is_known and not self._has_overrides

    def _settle(self) -> None:
        """Read what node has written so far: its greeting, and an answer to each load.

        Raises the error of a load, and NodeError if node has ended.
        """
        loads, self._loads = self._loads, None
        if loads is None:
            return
        process = self._process
        try:
            self._greet(process)
            answers = [process._next_message() for _ in range(loads)]
        except json.JSONDecodeError:
            raise self._ended() from None
        # Registered after jsii's own handler, which ends node, it runs before it.
        atexit.register(self._finish)
        for answer in answers:
            if "error" in answer:
                fault = answer["name"] == ErrorType.JSII_FAULT.value
                error = JSIIError if fault else RuntimeError
                raise error(answer["error"]) from JavaScriptError(answer["stack"])
            self._is_known = "pipeline" in answer["ok"]

    def _finish(self) -> None:
        """Raise an error that no request has raised, unless one that ends the app was printed."""
        if self._has_posted and not hasattr(sys, "last_type"):
            self._kernel.stats()

    def _ended(self) -> NodeError:
        """Return the error of a dead node, and drop the check at exit, which would call node."""
        atexit.unregister(self._finish)
        return NodeError.of(self._process._process)

    def _token(self, **request: Any) -> str:
        text = f"${{TfToken[TOKEN.{next(self._tokens)}]}}"
        self._post(**request, token=text)
        return text

    def _post(self, **request: Any) -> None:
        encoded = {name: self._encoded(value) for name, value in request.items()}
        with self._lock:
            self._has_posted = True
            self._write(encoded | {"posted": True})

    def _write(self, request: dict[str, Any], *, is_awaited: bool = False) -> None:
        text = json.dumps(request, default=provider.jdefault)
        stdin = self._process._process.stdin
        try:
            stdin.write(f"{text}\n".encode())
            if is_awaited:
                stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def _encoded(self, value: Any) -> Any:
        """Encode a value as jsii does, but without nulls for the options that a struct omits."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is list:
            return [self._encoded(item) for item in value]
        if kind is dict:
            return {"$jsii.map": {key: self._encoded(item) for key, item in value.items()}}
        names = kind.__dict__.get("__jsii_name_mapping__")
        if names is not None:
            values = value._values
            data = {js: self._encoded(values[py]) for py, js in names.items() if py in values}
            return {"$jsii.struct": {"fqn": kind.__jsii_type__, "data": data}}
        if "__jsii_ref__" in getattr(value, "__dict__", ()):
            return provider._unstructure_ref(value.__jsii_ref__)
        # Enums, dates and proxies, and what jsii refuses.
        native = _kernel._make_reference_for_native(self._kernel, value)
        return self._process._serializer.unstructure(native)


def _stop(process: Any, stop: Callable[[Any], None]) -> None:
    """Stop node as jsii does, and also if it was never started or is dead already."""
    if "_process" not in vars(process):
        return
    try:
        stop(process)
    except BrokenPipeError:
        with suppress(BrokenPipeError):
            process._process.stdin.close()
        stop(process)


@functools.cache
def _has_callbacks(klass: Any, own: type) -> bool:
    """Whether node may call methods of the class, or must learn its interfaces."""
    for base in klass.__mro__:
        if vars(base).get("__jsii_declared_type__"):
            # Node knows the interfaces of a generated class; those of a class below it are added.
            is_plain = getattr(klass, _INTERFACES, None) is getattr(base, _INTERFACES, None)
            # jsii looks at the object's class only.
            return not is_plain or bool(_kernel._get_overides(klass, object.__new__(own)))
    return True


@functools.cache
def _is_attribute(klass: type, name: str) -> bool:
    """Whether a property is a string attribute of a resource, which is always a token."""
    kinds = {getattr(base, "__jsii_type__", None) for base in klass.__mro__}
    if kinds.isdisjoint(_WITH_ATTRIBUTES):
        return False
    for base in klass.__mro__:
        for member in vars(base).values():
            getter = getattr(member, "fget", None)
            if getattr(getter, "__jsii_name__", None) == name:
                is_generated = getattr(base, "__jsii_declared_type__", None) or ""
                returned = getter.__annotations__.get("return")
                return is_generated.startswith("@") and returned in (str, "builtins.str")
    return False
