"""Terraform sessions over the stacks of an environment."""

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from environments.settings import Settings
from iot_dr.delivery.state.foreign import refuse_foreign
from iot_dr.delivery.state.guard import Fetch, refuse_promoted, s3_fetch, sandbox_fetch
from iot_dr.delivery.state.lock import LockedError, held_lock
from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.lock_holder import StateLockInfo
from iot_dr.terraform.pool import Pool
from iot_dr.terraform.run_log import OnOutput
from iot_dr.terraform.stack_document import StackDocument
from iot_dr.terraform.terraform import Terraform
from iot_dr.terraform.variables import (
    aws_variables,
    offline_variables,
    standin_variables,
)
from iot_dr.terraform.workspace import copy_stack


@dataclass(frozen=True, kw_only=True)
class RunLimits:
    """The number of stacks in parallel, and the seconds per command (None: no limit)."""

    jobs: int
    timeout: float | None


@dataclass(frozen=True, kw_only=True)
class Session:
    """Terraform for the stacks in `stacks`, each in its own working folder below `work`."""

    pool: Pool
    stacks: Path
    work: Path
    timeout: float | None
    fetch: Fetch
    _init: Lock
    on_output: OnOutput | None = None

    def document(self, stack: str) -> StackDocument:
        """Read a stack's synthesized JSON."""
        return StackDocument.read(self.stacks / stack)

    def lock(self, stack: str) -> StateLockInfo | None:
        """Return the lock on a stack's state; None without one or if its region does not answer."""
        return held_lock(self.document(stack), self.fetch)

    @contextmanager
    def initialized(self, stack: str, *, backend: bool = True) -> Generator[Terraform]:
        """Yield Terraform in a fresh copy of a stack, connected to its backend if `backend`.

        A session can do this once per stack. With a backend, raises PromotedError or
        NotPromotedError if the state has another owner than the settings say, and ForeignStateError
        if it is not the stack's. Raises LockedError in place of Terraform's own error if the state
        is locked.
        """
        if backend:
            # First: to the other checks a foreign state looks like another mistake.
            refuse_foreign(stack, self.document(stack), self.fetch)
            refuse_promoted(self.stacks, stack, self.fetch)
        folder = self.work / stack
        copy_stack(self.stacks / stack, folder)
        with self.pool.lent() as commands:
            terraform = Terraform(folder, commands, self.timeout, self.on_output)
            # Terraform's plugin cache is not safe for concurrent `init`:
            # developer.hashicorp.com/terraform/cli/config/config-file, "Provider Plugin Cache".
            with self._init:
                terraform.init(backend=backend)
            try:
                yield terraform
            except TerraformError as error:
                if not error.is_locked:
                    raise
                raise LockedError(self.lock(stack)) from error


@contextmanager
def standin_session(  # noqa: PLR0913, PLR0917 - each is a place or a limit of its own
    settings: Settings,
    stacks: Path,
    sandbox: Path,
    work: Path,
    limits: RunLimits,
    synthesis: Callable[[], object] | None = None,
    scope: Path | None = None,
) -> Generator[Session]:
    """Run with the stand-in provider and the sandbox's S3, whose data stays in `sandbox`.

    `synthesis`, `scope` and errors are those of `standin_variables`.
    """
    with (
        standin_variables(settings, stacks, sandbox, synthesis, scope) as variables,
        _session(stacks, work, limits, variables, sandbox_fetch(sandbox)) as session,
    ):
        yield session


@contextmanager
def offline_session(
    stacks: Path,
    work: Path,
    limits: RunLimits,
    synthesis: Callable[[], object] | None = None,
    scope: Sequence[Path] = (),
) -> Generator[Session]:
    """Run with the stand-in provider and no backend, which is enough to validate.

    `synthesis`, `scope` and errors are those of `offline_variables`.
    """
    with (
        offline_variables(synthesis, scope) as variables,
        _session(stacks, work, limits, variables, s3_fetch()) as session,
    ):
        yield session


@contextmanager
def aws_session(stacks: Path, work: Path, plugins: Path, limits: RunLimits) -> Generator[Session]:
    """Run with the real backend and the real provider, which is cached in `plugins`."""
    with _session(stacks, work, limits, aws_variables(plugins), s3_fetch()) as session:
        yield session


@contextmanager
def _session(
    stacks: Path,
    work: Path,
    limits: RunLimits,
    variables: Mapping[str, str],
    fetch: Fetch,
) -> Generator[Session]:
    engine = Engine.chosen(os.environ)
    with Pool(limits.jobs, lambda: engine.commands(variables)) as pool:
        yield Session(
            pool=pool,
            stacks=stacks,
            work=work,
            timeout=limits.timeout,
            fetch=fetch,
            _init=Lock(),
        )
