"""Runs an environment's stacks with an official provider, and records their AWS calls."""

import json
import shutil
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments.settings import Settings
from iot_dr.delivery.session import RunLimits, Session, aws_session
from iot_dr.drill.play.faults import ApiRequest, Faults
from iot_dr.generate.synthesis import synthesize
from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform_json.files import STACK_FILE
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from tests.conformance.cloud import made_up_cloud
from tests.conformance.official import OfficialProvider
from tests.conformance.relaxing import relax
from tests.conformance.schemas import official_schema

_LIMITS = RunLimits(jobs=1, timeout=300)
# With an error Terraform prints the whole configuration in one line.
_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A request of a stack, while it was planned or applied."""

    stack: str
    phase: str
    request: ApiRequest


@dataclass(frozen=True)
class Recorder:
    """An account and a sandbox, and their requests since the last call."""

    settings: Settings
    provider: OfficialProvider
    schema: dict[str, Any]
    folder: Path
    relays: tuple[Faults, ...]

    def run(
        self, name: str, settings: Settings, nodes: Iterable[StackNode], *, empty: bool = False
    ) -> Iterator[Kept | str]:
        """Plan and apply some stacks, optionally emptied of their resources; returns failures."""
        folder = self.folder / name
        synthesize([settings], folder / "out")
        stacks = folder / "stacks"
        shutil.copytree(folder / "out" / "stacks", stacks)
        relax(stacks, self.provider.version, self.schema)
        for file in stacks.glob(f"*/{STACK_FILE}") if empty else ():
            _empty(file)
        with aws_session(stacks, folder / "work", self.folder / "plugins", _LIMITS) as session:
            for node in nodes:
                yield from self._through(session, node.name)

    def _through(self, session: Session, stack: str) -> Iterator[Kept | str]:
        try:
            with session.initialized(stack) as terraform:
                file = terraform.folder / "recorded.tfplan"
                terraform.plan(file)
                yield from self._seen(stack, "plan")
                terraform.apply(file)
        except TerraformError as error:
            said = [each for each in str(error).split("\n\n") if not each.startswith("Warning")]
            yield f"{stack}: {' '.join(said)[:_SHOWN]}"
        yield from self._seen(stack, "apply")

    def _seen(self, stack: str, phase: str) -> Iterator[Kept]:
        for relay in self.relays:
            for request in relay.seen:
                yield Kept(stack, phase, request)
            relay.seen.clear()


@contextmanager
def recorder(settings: Settings, provider: OfficialProvider, folder: Path) -> Generator[Recorder]:
    """Provide a recorder with an empty account with the state buckets."""
    schema = official_schema(provider, folder / "schema")
    with made_up_cloud(settings, folder, provider) as relays:
        yield Recorder(settings, provider, schema, folder, relays)


def in_order(settings: Settings) -> list[StackNode]:
    """Return the stacks in the order of their waves."""
    return [node for wave in platform_graph(settings).waves for node in wave]


def _empty(file: Path) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    for section in ("resource", "data", "output"):
        document.pop(section, None)
    file.write_text(json.dumps(document), encoding="utf-8")
