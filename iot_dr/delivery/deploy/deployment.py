"""Deployment and destruction of an environment, in their steps."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Final

from environments.loader import REGION_STEP
from environments.settings import CreatedZone, Settings
from iot_dr.common.terraform_binary import product
from iot_dr.common.user_error import UserError
from iot_dr.common.waiting import PollLimits
from iot_dr.delivery.deploy.adopted import refuse_adopted, refuse_cut_over
from iot_dr.delivery.deploy.cdktf import Cdktf, Command, cdktf_program
from iot_dr.delivery.deploy.delegation import Delegation, Lookup, zone_name_servers
from iot_dr.delivery.deploy.folder import RUNS, deploy_folder
from iot_dr.delivery.deploy.journal import Journal, Progress
from iot_dr.delivery.deploy.launcher import launcher
from iot_dr.delivery.deploy.preconditions import refuse_attached_policies, refuse_serving_region
from iot_dr.delivery.deploy.variables import terraform_variables
from iot_dr.delivery.region_steps import RegionStep
from iot_dr.delivery.sandbox_run import sandbox_folder
from iot_dr.delivery.stack_plan import StackChanges
from iot_dr.delivery.state.foreign import refuse_foreign
from iot_dr.delivery.state.guard import Fetch, refuse_promoted, s3_fetch, sandbox_fetch
from iot_dr.delivery.state.lock import held_lock, unlock_command
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.status.network import Network
from iot_dr.terraform.diagnostic import Diagnostic, TerraformError
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform.sandbox.exclusive_run import exclusive_run
from iot_dr.terraform.sandbox.loopback import require_loopback
from iot_dr.terraform.schedule import Failed, Outcome, Waiting
from iot_dr.terraform.stack_document import StackDocument
from iot_dr.terraform_json.provider_choice import Provider
from modules.stack_names import stack_name
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph

KEPT_BY_DESTROY: Final[frozenset[str]] = frozenset(("pipeline", "state", "hosted-zone", "data"))
"""Stacks that `destroy` keeps: their content cannot be recreated, or they recreate others."""

_ALL_STACKS = ("*",)


class SynthesisError(UserError):
    """The environment does not synthesize."""


@dataclass(frozen=True, kw_only=True)
class CdktfResult:
    """The result of a cdktf run: its status and last lines, and the outcome of each stack."""

    status: int
    outcomes: Sequence[Outcome[StackChanges]]
    warnings: Sequence[tuple[str, Diagnostic]]
    last_lines: str
    stacks: Path

    def document(self, stack: str) -> StackDocument:
        """Read a stack's synthesized JSON."""
        return StackDocument.read(self.stacks / stack)


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """An environment, the provider to deploy it with, and how to wait for its delegation.

    `network` shows where devices are directed while a region is leaving. `require` is called with
    the synthesized stacks before anything is deployed on AWS; an error that it raises prevents
    that. `step` is that of a change of regions, whose settings differ from the file's. `log` gets
    all output of Terraform and cdktf, `progress` what is done to the stacks.
    """

    settings: Settings
    provider: Provider
    network: Network
    lookup: Lookup
    patience: PollLimits
    show: Callable[[str], None]
    log: RunLog
    progress: Progress
    require: Callable[[Path], None] = lambda _: None
    step: RegionStep | None = None

    def deploy(self) -> CdktfResult:
        """Deploy every stack; a created zone with manual delegation first, until it is delegated.

        If the zone cannot be created, nothing else is started, and the status is 1. Raises
        DelegationError if the zone is not delegated in time, RegionStillServesError if devices are
        still directed to a region that is leaving, and other UserErrors that the user can fix.
        """
        if self.provider is Provider.AWS:
            refuse_serving_region(self.settings, self.network, self.show)
        engine = Engine.chosen(os.environ)
        with self._prepared(engine) as cdktf:
            if self.provider is Provider.AWS:
                self.require(cdktf.out)
            if self._waits_for_delegation:
                try:
                    self._delegate(cdktf, engine)
                except TerraformError as error:
                    return self._without_zone(error, cdktf.out / "stacks")
            return self._run(cdktf, "deploy", _ALL_STACKS, platform_graph(self.settings).nodes)

    def destroy(self) -> CdktfResult:
        """Destroy the stacks that may go, last one first.

        Raises PolicyAttachedError while AWS would refuse to delete an IoT policy in them, and
        AdoptedPlatformError while devices use the records of an adopted platform, or a resource
        in them that it had before.
        """
        with self._prepared(Engine.chosen(os.environ)) as cdktf:
            refuse_adopted(self.settings, cdktf.out / "stacks", self.removable_stacks, self._fetch)
            if self.provider is Provider.AWS:
                clients = Clients(self.settings.deploy_role_arn)
                refuse_cut_over(self.settings, clients)
                refuse_attached_policies(cdktf.out / "stacks", self.removable_stacks, clients)
            cdktf.leave_out(self.kept_stacks)
            return self._run(
                cdktf,
                "destroy",
                [node.name for node in self.removable_stacks],
                self.removable_stacks,
            )

    @property
    def removable_stacks(self) -> tuple[StackNode, ...]:
        """The stacks that `destroy` removes, in that order."""
        waves = platform_graph(self.settings).waves
        return tuple(
            node for wave in reversed(waves) for node in wave if node.what not in KEPT_BY_DESTROY
        )

    @property
    def kept_stacks(self) -> tuple[str, ...]:
        """The stacks that `destroy` keeps."""
        nodes = platform_graph(self.settings).nodes
        return tuple(node.name for node in nodes if node.what in KEPT_BY_DESTROY)

    @contextmanager
    def _prepared(self, engine: Engine) -> Generator[Cdktf]:
        program, name = cdktf_program(), self.settings.environment
        is_real = self.provider is Provider.AWS
        alone = nullcontext() if is_real else exclusive_run(sandbox_folder(name))
        with alone, deploy_folder(name) as folder:
            out = folder / "out"
            if not is_real:
                require_loopback()
            _synthesize(name, out, self.step)
            with (
                terraform_variables(self.provider, self.settings, out / "stacks") as variables,
                launcher(engine, _empty(folder / RUNS)) as instance,
            ):
                self._refuse_states(out / "stacks")
                yield Cdktf(program=program, launcher=instance, out=out, variables=variables)

    def _run(
        self, cdktf: Cdktf, command: Command, named: Sequence[str], nodes: Sequence[StackNode]
    ) -> CdktfResult:
        journal = Journal(
            folder=cdktf.out.with_name(RUNS),
            nodes=nodes,
            log=self.log,
            progress=self.progress,
        )
        stacks = cdktf.out / "stacks"
        try:
            with self.progress.shown():
                try:
                    status = cdktf.run(command, named, journal.line)
                finally:
                    journal.close()
        finally:
            unlock = partial(unlock_command, self.settings.environment, self.provider.value)
            for message in leftover_locks(journal.killed, stacks, self._fetch, unlock):
                self.show(message)
        return CdktfResult(
            status=status,
            outcomes=journal.outcomes,
            warnings=journal.warnings,
            last_lines=journal.last_lines,
            stacks=stacks,
        )

    def _refuse_states(self, stacks: Path) -> None:
        for node in platform_graph(self.settings).nodes:
            refuse_foreign(node.name, StackDocument.read(stacks / node.name), self._fetch)
            refuse_promoted(stacks, node.name, self._fetch)

    @cached_property
    def _fetch(self) -> Fetch:
        if self.provider is Provider.AWS:
            return s3_fetch()
        return sandbox_fetch(sandbox_folder(self.settings.environment))

    @property
    def _waits_for_delegation(self) -> bool:
        zone = self.settings.zone
        if not isinstance(zone, CreatedZone) or zone.delegation != "manual":
            return False
        if self.provider is Provider.STANDIN:
            self.show(
                f"{self.settings.zone_name}: a made-up zone, so no wait for its delegation;"
                " PROVIDER=aws waits until public DNS shows its name servers."
            )
            return False
        return True

    def _without_zone(self, error: TerraformError, stacks: Path) -> CdktfResult:
        zone = stack_name(self.settings.environment, "hosted-zone")
        outcomes = [
            Failed(node=node, error=error)
            if node.name == zone
            else Waiting(node=node, waits_for=(zone,))
            for node in platform_graph(self.settings).nodes
        ]
        return CdktfResult(status=1, outcomes=outcomes, warnings=(), last_lines="", stacks=stacks)

    def _delegate(self, cdktf: Cdktf, engine: Engine) -> None:
        stack = stack_name(self.settings.environment, "hosted-zone")
        servers = zone_name_servers(
            Path(cdktf.out, "stacks", stack),
            cdktf.out.with_name("zone"),
            engine,
            cdktf.variables,
            self.log,
        )
        delegation = Delegation(zone_name=self.settings.zone_name, name_servers=servers)
        delegation.wait(self.lookup, self.patience, self.show)


def _empty(folder: Path) -> Path:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    return folder


def _synthesize(environment: str, out: Path, step: RegionStep | None) -> None:
    """Synthesize in a child process, so that the engine and its Node end before a long deploy."""
    variables = {REGION_STEP: json.dumps(step.overrides)} if step else {}
    ran = subprocess.run(  # noqa: S603 - this project's own command
        [sys.executable, "-P", "-m", "iot_dr", "synth", "--env", environment, "--out", str(out)],
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        raise SynthesisError(f"{environment} does not synthesize:\n{ran.stderr.strip()}")


def leftover_locks(
    killed: Iterable[str], stacks: Path, fetch: Fetch, unlock: Callable[[str, str | None], str]
) -> Iterator[str]:
    """Yield, for each killed stack that is locked, a message with the command to unlock it.

    If the lock cannot be read, the message says so. `killed` names the stacks, `stacks` is the
    folder of synthesized stacks, and `unlock` returns the command for a stack's name and the lock's
    id.
    """
    for stack in killed:
        killed_there = (
            f"{stack}: {product()} was killed, and what it was making may be in no state."
        )
        try:
            lock = held_lock(StackDocument.read(stacks / stack), fetch)
        except UserError as error:
            yield f"{killed_there} Whether the state is locked is unknown: {error}"
            continue
        if lock:
            yield (
                f"{killed_there} The state is locked by {lock}.\n"
                f"Once no run is active: {unlock(stack, lock.lock_id)}"
            )
