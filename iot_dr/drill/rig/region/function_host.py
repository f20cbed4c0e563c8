"""Host that runs a function of this repository from its zip, in place of Lambda."""

import importlib
import io
import os
import socket
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from threading import Lock
from types import ModuleType, SimpleNamespace
from typing import Any, Final, cast

import dns.exception
import dns.message
import dns.query
import dns.rdatatype
from dns.rdata import Rdata
from dns.rdtypes.ANY.CNAME import CNAME
from pydantic import BaseModel, ConfigDict

from iot_dr.drill.rig.clock import RigClock

Handle = Callable[[object, Any], Any]

_PACKAGE: Final = "functions"
_OURS: Final = ("AWS_", "SSL_CERT_")
_LOOKUP_SECONDS: Final = 2.0
_PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy")


class FunctionConfig(BaseModel):
    """A function's zip, handler and variables, and the local addresses of names and ports.

    `name_server` is the address and port of the drill's name server. `problem` is why every call
    fails, empty if it may succeed.
    """

    model_config = ConfigDict(frozen=True)

    package: str
    handler: str
    variables: dict[str, str]
    port_map: dict[str, dict[int, tuple[str, int]]]
    name_server: tuple[str, int]
    problem: str = ""


class FunctionError(Exception):
    """A function cannot run."""


class FunctionHost:
    """Host of a function; a call without an idle instance loads a new one.

    One host per process, as it replaces the environment variables, `socket.getaddrinfo`, which
    resolves only the drill's names to local addresses, `socket.gethostbyname_ex`, which queries the
    drill's name server, and standard output, whose lines go to `log`. At another speed than 1 it
    also replaces, in the function's modules: the time source of its Clock by rehearsed time; the
    limit and PROBE_GRACE of its probes, divided by the speed; and, of the watcher, the sleep
    between two probes and the minutes after a switch back. Time limits of the SDK are not changed.
    """

    def __init__(self, config: FunctionConfig, clock: RigClock, log: Callable[[str], None]) -> None:
        self._config = config
        self._clock = clock
        self._loading = Lock()
        _replace_environment(config)
        socket.getaddrinfo = _resolver(config)
        socket.gethostbyname_ex = partial(_canonical_names, config.name_server)
        sys.stdout = _Lines(log)
        sys.path.insert(0, config.package)
        self._idle: list[Handle] = []
        # A function that cannot be loaded fails at each call, as in Lambda.
        with suppress(Exception):
            self._idle.append(self._load())

    def __call__(self, event: object, context: object) -> Any:  # noqa: ANN401 - the function's result
        """Return the function's result; raises the function's error, or FunctionError."""
        if self._config.problem:
            raise FunctionError(self._config.problem)
        try:
            handle = self._idle.pop()
        except IndexError:
            handle = self._load()
        try:
            return handle(event, context)
        finally:
            self._idle.append(handle)

    def _load(self) -> Handle:
        """Import the function's modules again: instances share nothing.

        Raises ImportError if the handler is not from the function's zip.
        """
        module, _, name = self._config.handler.rpartition(".")
        with self._loading:
            for loaded in [each for each in sys.modules if each.split(".")[0] == _PACKAGE]:
                del sys.modules[loaded]
            if self._clock.speed != 1:
                _quicken(module, self._clock)
            handler = importlib.import_module(module)
        if not str(handler.__file__).startswith(self._config.package):
            raise ImportError(module, path=handler.__file__)
        return getattr(handler, name)


class _Lines(io.TextIOBase):
    """A text file that passes its lines to a function."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log

    def write(self, text: str) -> int:
        for line in text.splitlines():
            self._log(line)
        return len(text)


def _replace_environment(config: FunctionConfig) -> None:
    for name in [each for each in os.environ if each.startswith(_OURS) or each.lower() in _PROXIES]:
        del os.environ[name]
    os.environ.update(config.variables)


def _resolver(config: FunctionConfig) -> Callable[..., list[Any]]:
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **named: Any) -> list[Any]:  # noqa: ANN401 - passed on
        if host not in config.port_map:
            flags = named.pop("flags", 0) | socket.AI_NUMERICHOST
            return real(host, port, *args, flags=flags, **named)
        address = config.port_map[host].get(port, ("127.0.0.1", 0))
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)]

    return resolve


def _canonical_names(name_server: tuple[str, int], name: str) -> tuple[str, list[str], list[str]]:
    """Follow a name's CNAMEs; raises socket.gaierror, as the system's resolver does."""
    address, port = name_server
    query = dns.message.make_query(name, dns.rdatatype.A)
    try:
        response = dns.query.udp(query, address, port=port, timeout=_LOOKUP_SECONDS)
    except dns.exception.DNSException as error:
        raise socket.gaierror(socket.EAI_AGAIN, str(error)) from error
    # An RRset iterates over records, which its annotations do not say.
    sets = cast("list[Iterable[Rdata]]", response.answer)
    records = [record for records in sets for record in records]
    names = [str(record.target).rstrip(".") for record in records if isinstance(record, CNAME)]
    return (names or [name])[-1], [name, *names], []


def _quicken(handler: str, clock: RigClock) -> None:
    """Replace the time sources of a function's modules, before its handler is imported."""
    if handler == f"{_PACKAGE}.watcher.handler":
        watcher = importlib.import_module(f"{_PACKAGE}.watcher.watcher")
        _put(watcher, "time", SimpleNamespace(sleep=partial(_sleep, clock)))
        switch = importlib.import_module(f"{_PACKAGE}.watcher.switch")
        _put(switch, "SECOND", switch.SECOND / clock.speed)
    probe_clock = importlib.import_module(f"{_PACKAGE}.probe.clock")
    probe_clock.Clock.__init__.__defaults__ = ((clock.now,),)
    prober = importlib.import_module(f"{_PACKAGE}.probe.prober")
    _put(prober, "PROBE_GRACE", clock.wall(prober.PROBE_GRACE))
    begin = prober.Prober.__init__

    def begin_sooner(self: Any, *given: Any, limit: float = prober.LIMIT) -> None:  # noqa: ANN401 - as theirs
        begin(self, *given, limit=clock.wall(limit))

    prober.Prober.__init__ = begin_sooner


def _sleep(clock: RigClock, seconds: float) -> None:
    time.sleep(clock.wall(seconds))


def _put(module: ModuleType, name: str, value: object) -> None:
    if not hasattr(module, name):
        raise AttributeError(name, obj=module)
    setattr(module, name, value)
