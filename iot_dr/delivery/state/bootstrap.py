"""The bootstrap: creates the state stack with a local state, then moves that state into S3."""

import json
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.delivery.session import Session
from iot_dr.observe.state.snapshot import Snapshot
from iot_dr.observe.state.store import Store, StoredObject
from iot_dr.terraform.terraform import PlanStatus, Terraform
from iot_dr.terraform.workspace import copy_stack
from modules.stack_names import stack_name
from stacks.platform_graph import platform_graph
from stacks.state_location import StateLocation, state_location

Step = Literal["plan", "apply", "move", "compare", "clear"]

# Terraform merges a file with this suffix over the others, so that the synthesized one stays
# unchanged; see developer.hashicorp.com/terraform/language/files/override
_OVERRIDE: Final = "bootstrap_override.tf.json"
_LOCAL: Final = "local.tfstate"


class BootstrapError(UserError):
    """A conflict that a person has to resolve."""


@dataclass(frozen=True, kw_only=True)
class Bootstrap:
    """One environment's bootstrap; `folder` keeps the local state between runs.

    Terraform writes a local state after every resource, so an interrupted run loses little, and the
    next one continues. `buckets_are_real` is False in a sandbox, whose buckets exist before the
    stand-in provider pretends to create them.
    """

    settings: Settings
    store: Store
    folder: Path
    buckets_are_real: bool

    @property
    def location(self) -> StateLocation:
        """The location that the state moves to."""
        return state_location(self.settings, platform_graph(self.settings).only("state"))

    def is_moved(self) -> bool:
        """Whether the state is in its bucket; raises BootstrapError if it is corrupt."""
        return self._remote() is not None

    def run(self, session: Session, on_step: Callable[[Step], None]) -> None:
        """Do the remaining steps; calls `on_step` before each.

        Raises BootstrapError for a bucket that no state knows, two states that both claim it, or a
        corrupt state, and TerraformError if Terraform fails.
        """
        if not self.is_moved():
            self._refuse_unknown_bucket()
            with self._terraform(session) as terraform:
                self._apply(terraform, on_step)
            on_step("move")
            # Not with `terraform init -migrate-state`, which gives the moved state a new lineage:
            # two bootstraps could no longer be distinguished.
            self.store.create(self.location, (self.folder / _LOCAL).read_bytes())
        if self.folder.exists():
            on_step("compare")
            self._refuse_other_lineage()
            on_step("clear")
            shutil.rmtree(self.folder)

    @contextmanager
    def _terraform(self, session: Session) -> Generator[Terraform]:
        name, working = stack_name(self.settings.environment, "state"), self.folder / "stack"
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.rmtree(working, ignore_errors=True)
        copy_stack(session.stacks / name, working)
        with session.pool.lent() as commands:
            yield Terraform(working, commands, session.timeout)

    def _apply(self, terraform: Terraform, on_step: Callable[[Step], None]) -> None:
        path = str((self.folder / _LOCAL).absolute())
        override = {"terraform": {"backend": {"local": {"path": path}}}}
        (terraform.folder / _OVERRIDE).write_text(json.dumps(override), encoding="utf-8")
        file = terraform.folder / "bootstrap.tfplan"
        on_step("plan")
        terraform.init(backend=True)
        if terraform.plan(file) is PlanStatus.CHANGED:
            on_step("apply")
            terraform.apply(file)

    def _remote(self) -> Snapshot | None:
        if not self.store.has_bucket(self.location):
            return None
        snapshot = Snapshot.of(self.store.read(self.location))
        if snapshot and snapshot.is_corrupt:
            message = (
                f"{self.location.url}: is not a Terraform state;"
                " restore an earlier version of the object"
            )
            raise BootstrapError(message)
        return snapshot

    def _local(self) -> Snapshot | None:
        file = self.folder / _LOCAL
        if not file.exists():
            return None
        written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        return Snapshot.of(StoredObject(file.read_bytes(), written))

    def _refuse_unknown_bucket(self) -> None:
        if not self.buckets_are_real or self._local() or not self.store.has_bucket(self.location):
            return
        bucket, name = self.location.bucket, stack_name(self.settings.environment, "state")
        message = (
            f"{bucket}: exists, and neither it nor {self.folder} holds a state of {name}: the"
            " bootstrap was begun elsewhere, or the bucket is someone else's; go on where it was"
            " begun, or delete the bucket if it is empty and yours"
        )
        raise BootstrapError(message)

    def _refuse_other_lineage(self) -> None:
        local, remote = self._local(), self._remote()
        if local and remote and local.lineage != remote.lineage:
            message = (
                f"{self.folder}: holds a state of lineage {local.lineage}, and the bucket"
                f" {self.location.bucket} one of lineage {remote.lineage}: two bootstraps were"
                " begun; the bucket's is the owner, so delete the folder once you have made sure"
                " that nothing in it is missed"
            )
            raise BootstrapError(message)
