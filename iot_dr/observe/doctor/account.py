"""An account under examination: the environment in it, its stacks, and ways to look."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Final

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.generate.gate import Documents, documents
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.aws.errors import is_missing_bucket
from iot_dr.observe.aws.gathering import gather
from iot_dr.observe.doctor.finding import AccountFinding, unknown
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.store import StoreWithClients
from iot_dr.terraform.runtime import RUNTIME
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.state_file import StateFile
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.state_location import state_location

SECONDS: Final = 90.0
"""The time limit of a check; a region that hangs takes a part of it for each call."""

# Nobody waits for a single answer, unlike during an outage; many calls at once may be throttled.
_LIMITS: Final = CallLimits(connect=3, read=8, attempts=3)

States = Mapping[str, frozenset[str] | UserError | None]
"""The addresses in each stack's state, without indices; None if it has no state.

An error if it cannot be read.
"""


@dataclass(frozen=True, kw_only=True)
class Account:
    """An environment's account; `resources` are those of its synthesized stacks."""

    settings: Settings
    network: Network
    clients: Clients
    resources: ResourceSet
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @classmethod
    def of(cls, settings: Settings, network: Network, design: Documents) -> "Account":
        """Return the account of an environment with these synthesized stacks."""
        return cls(
            settings=settings,
            network=network,
            clients=Clients(settings.deploy_role_arn, _LIMITS),
            resources=ResourceSet(read_configuration(*each) for each in design.items()),
        )

    @cached_property
    def states(self) -> States:
        """The states of all stacks; read before the checks, which run in several threads."""
        store = StoreWithClients(self.clients)
        return gather(
            {
                node.name: partial(_addresses, self.settings, store, node)
                for node in platform_graph(self.settings).nodes
            },
            SECONDS,
        )

    def of_type(self, type_: str, region: str | None = None) -> list[Resource]:
        """Return the resources of a type in all stacks, or those of one region."""
        listed = self.resources.of_type(type_)
        return [each for each in listed if region in {None, each.region}]

    def in_region(self, region: str) -> Iterator[Resource]:
        """Yield the managed resources of a region."""
        return (each for each in self._managed() if each.region == region)

    @property
    def types(self) -> frozenset[str]:
        """The types of all managed resources."""
        return frozenset(each.type for each in self._managed())

    def _managed(self) -> Iterator[Resource]:
        stacks = self.resources.stacks
        return (each for stack in stacks for each in stack.resources if each.mode == "managed")

    def is_applied(self, resource: Resource) -> bool:
        """Whether a resource is in its stack's state; raises the error of an unreadable state."""
        state = self.states[resource.stack]
        if isinstance(state, UserError):
            raise state
        return f"{resource.type}.{resource.name}" in (state or ())

    def to_create(self, type_: str, region: str | None = None) -> list[Resource]:
        """Return the resources of a type that are in no state; raises as `is_applied` does."""
        return [each for each in self.of_type(type_, region) if not self.is_applied(each)]

    def in_regions(
        self,
        look: Callable[[str], Iterable[AccountFinding]],
        regions: Iterable[str] | None = None,
    ) -> Iterator[AccountFinding]:
        """Look at all regions, or at these, as `together` does."""
        names = self.settings.regions if regions is None else regions
        return together({(region, ""): partial(look, region) for region in names})


def together(
    looks: Mapping[tuple[str, str], Callable[[], Iterable[AccountFinding]]],
) -> Iterator[AccountFinding]:
    """Look at all things at once, each given by its region and name, which may be "".

    One where that fails gives an `unknown` finding.
    """
    answers = gather({key: partial(_listed, look) for key, look in looks.items()}, SECONDS)
    for (region, what), answer in answers.items():
        if isinstance(answer, UserError):
            yield unknown(f"{what}: {answer}" if what else answer, region)
        else:
            yield from answer


def _listed(look: Callable[[], Iterable[AccountFinding]]) -> list[AccountFinding]:
    return list(look())


def synthesized(settings: Settings) -> Documents:
    """Return an environment's stacks, which are synthesized into a temporary folder.

    Raises SettingsError, or BlockedError if a rule blocks the design.
    """
    with tempfile.TemporaryDirectory(prefix="iot-dr-doctor-") as folder:
        out = Path(folder, "out")
        RUNTIME.get().synthesize([settings], out)
        return documents(settings, out)


def _addresses(
    settings: Settings, store: StoreWithClients, node: StackNode
) -> frozenset[str] | None:
    place = state_location(settings, node)
    try:
        stored = store.read(place)
    except UserError as error:
        if is_missing_bucket(error.__cause__):
            return None
        raise
    if stored is None:
        return None
    listed = StateFile.read(stored.content, place.url).resources
    return frozenset(each.address for each in listed if each.instances)
