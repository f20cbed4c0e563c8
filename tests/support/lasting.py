"""Terraform's processes, lent to one session after another of a test process.

A session starts the stand-in, a sandbox's server and Terraform, which takes more than a second of
processor time. Tests of their start and end use none of this.
"""

import http.client
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from iot_dr.terraform.commands import LibraryCommands
from iot_dr.terraform.sandbox.folder import SandboxFolder
from iot_dr.terraform.sandbox.sandbox import Sandbox
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.daemon import Daemon
from tests.support.command import OURS
from tests.support.synthesized_once import SynthesizedOnce

_IDLE = 2
# Terraform reads none of these; pytest's own is different in each test.
_UNREAD = frozenset((*OURS, "PYTEST_CURRENT_TEST", "PYTHONPATH"))
_SIGNED = "AWS4-HMAC-SHA256 Credential={}/20260101/eu-west-1/s3/aws4_request, Signature=none"


class _Server(Sandbox):
    """A sandbox's server whose folder is a link to one folder after another."""

    def __init__(self, link: Path, account_id: str) -> None:
        self._link, self._empty = link, link.with_name(f"{link.name}-empty")
        self._lead_to(self._empty)
        super().__init__(link, account_id)
        self.is_lent = False

    @contextmanager
    def lent(self, folder: Path) -> Generator[Sandbox]:
        """Serve a folder for a `with` block, without state of an earlier one."""
        self._forget()
        self._lead_to(folder)
        self.is_lent = True
        try:
            yield self
        finally:
            self.is_lent = False

    def _lead_to(self, folder: Path) -> None:
        SandboxFolder(folder).prepare()
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(folder.absolute())

    def _forget(self) -> None:
        self._lead_to(self._empty)
        connection = http.client.HTTPConnection(self.endpoint.removeprefix("http://"), timeout=30)
        signed = _SIGNED.format(self.environment["AWS_ACCESS_KEY_ID"])
        connection.request("GET", "/missing-bucket/key", headers={"Authorization": signed})
        answer = connection.getresponse()
        assert answer.status == http.HTTPStatus.NOT_FOUND, answer.read()
        connection.close()


@dataclass(frozen=True)
class _Lent:
    """Commands that return to the pool when they are closed."""

    commands: LibraryCommands
    key: frozenset[tuple[str, str]]
    idle: list["_Lent"]
    interrupted: list[bool] = field(default_factory=list[bool])

    def run(
        self, arguments: Sequence[str], folder: Path, timeout: float | None
    ) -> CompletedProcess[str]:
        return self.commands.run(arguments, folder, timeout)

    def interrupt(self) -> None:
        self.interrupted.append(True)
        self.commands.interrupt()

    def close(self) -> None:
        if self.interrupted:
            self.commands.close()
            return
        self.idle.append(self)
        if len(self.idle) > _IDLE:
            self.idle.pop(0).commands.close()


class Lasting(SynthesizedOnce):
    """The pool: parts start at their first use, and end with a `with` block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._idle: list[_Lent] = []
        self._servers: dict[str, _Server] = {}
        self._daemons: dict[Path, Daemon] = {}
        self._stack = ExitStack()

    def __enter__(self) -> "Lasting":
        return self

    def __exit__(self, *_: object) -> None:
        for lent in self._idle:
            lent.commands.close()
        self._stack.close()

    @contextmanager
    def standin(
        self,
        cache: SchemaCache,
        scope: Sequence[Path],
        stacks: Path | None,
        zones: Mapping[str, str],
    ) -> Generator[Daemon]:
        """Lend the provider with its whole schema, because it serves all stacks."""
        del scope, stacks, zones
        if cache.folder not in self._daemons:
            self._daemons[cache.folder] = self._stack.enter_context(Daemon(cache))
        yield self._daemons[cache.folder]

    def sandbox(self, folder: Path, account_id: str) -> AbstractContextManager[Sandbox]:
        """Lend the account's server, or start another one while that is in use."""
        if account_id not in self._servers:
            link = self._folder / account_id
            self._servers[account_id] = self._stack.enter_context(_Server(link, account_id))
        server = self._servers[account_id]
        return Sandbox(folder, account_id) if server.is_lent else server.lent(folder)

    def library(self, library: Path, environment: Mapping[str, str]) -> _Lent:
        """Lend a process that has the same variables of those that Terraform reads."""
        key = frozenset((name, value) for name, value in environment.items() if name not in _UNREAD)
        for number, lent in enumerate(self._idle):
            if lent.key == key:
                return self._idle.pop(number)
        with pytest.MonkeyPatch.context() as patch:
            # Its files must live as long as the process, so they are not in a test's own folder.
            patch.setattr(tempfile, "tempdir", str(self._folder))
            return _Lent(LibraryCommands(library, environment), key, self._idle)
