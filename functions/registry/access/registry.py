"""Access to one region's IoT Core by entity."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from functions.registry.access.certificates import CaCertificates, Certificates
from functions.registry.access.change_times import change_time
from functions.registry.access.errors import PermanentError, translated_errors
from functions.registry.access.policies import Policies
from functions.registry.access.region import Client, Region, Response
from functions.registry.access.shadows import Shadows
from functions.registry.access.thing_groups import ThingGroups
from functions.registry.access.thing_types import ThingTypes
from functions.registry.access.things import Things
from functions.registry.access.wanted import WantedState
from functions.registry.entity import Entity, Kind
from functions.registry.observation import Observation
from functions.registry.state import State


@dataclass(frozen=True)
class Page:
    """The entities on one page of a list, and the cursor of the next page; None on the last one."""

    entities: tuple[Entity, ...]
    cursor: str | None


@dataclass(frozen=True)
class Excluded:
    """Entities that are not replicated: `own`, and the reported halves of shadows if `reported`."""

    own: frozenset[Entity]
    reported: bool

    def __contains__(self, entity: object) -> bool:
        """Whether an entity is excluded."""
        is_reported = isinstance(entity, Entity) and entity.is_reported
        return entity in self.own or (self.reported and is_reported)


def excluded(
    policies: Iterable[str], ca_certificates: Iterable[str], *, reported: bool = False
) -> Excluded:
    """Return the entities to exclude: policies (names) and CA certificates (ids) of the stacks.

    With `reported` the reported halves of shadows too. Raises EntityError for an invalid name or
    id.
    """
    own = {Kind.POLICY: policies, Kind.CA_CERTIFICATE: ca_certificates}
    entities = (Entity(kind, name) for kind, names in own.items() for name in names)
    return Excluded(frozenset(entities), reported)


class _KindAccess(Protocol):
    """Access to the entities of one kind; `current` is what `describe` returned for an entity."""

    def page(self, cursor: str | None) -> tuple[list[str], str | None]: ...

    def describe(self, name: str, /) -> Response | None: ...

    def state(self, name: str, current: Response, /) -> State | None: ...

    def write(self, name: str, current: Response | None, wanted: WantedState, /) -> None: ...

    def delete(self, name: str, current: Response, /) -> None: ...


class RegistryAccess:
    """Reads, lists and writes a region's entities, except for the excluded ones.

    `iot` and `iot_data` are boto3 clients (see `client.py`). Every method raises RetryableError if
    AWS throttles or does not answer, and ClientError if a permission is missing. Which groups are
    dynamic is cached, so create an instance per invocation.
    """

    def __init__(
        self,
        iot: Client,
        iot_data: Client,
        region: str,
        account_id: str,
        excluded: Container[Entity] = frozenset(),
    ) -> None:
        here = Region(iot, iot_data, region, account_id)
        groups = ThingGroups(here)
        self._excluded = excluded
        self._kinds: dict[Kind, _KindAccess] = {
            Kind.THING_TYPE: ThingTypes(here),
            Kind.THING_GROUP: groups,
            Kind.POLICY: Policies(here),
            Kind.CA_CERTIFICATE: CaCertificates(here),
            Kind.CERTIFICATE: Certificates(here),
            Kind.THING: Things(here, groups),
            Kind.SHADOW: Shadows(here),
        }

    def read(self, entity: Entity) -> State | None:
        """Return the current state of an entity.

        None if it does not exist, is excluded, or is a dynamic thing group. Raises PermanentError
        for a shadow that is not a JSON object, or whose numbers JSON cannot represent.
        """
        (observation,) = self.observe(entity)
        return observation.state

    def observe(self, *entities: Entity) -> list[Observation]:
        """Return the states of entities with the times of their changes; raises as `read` does.

        Several entities must be the halves of one shadow, since one GetThingShadow answers for
        both, and must not be excluded.
        """
        first = entities[0]
        if first in self._excluded:
            return [Observation(None)]
        with translated_errors(first.key):
            current = self._kinds[first.kind].describe(first.name)
        return [self._observation(entity, current) for entity in entities]

    def _observation(self, entity: Entity, current: Response | None) -> Observation:
        with translated_errors(entity.key):
            state = (
                None if current is None else self._kinds[entity.kind].state(entity.name, current)
            )
        return (
            Observation(None)
            if state is None
            else Observation(state, partial(change_time, entity, current, state))
        )

    def write(self, entity: Entity, wanted: State | None) -> None:
        """Write a state, None to delete the entity; changes nothing that is already as wanted.

        Raises RetryableError if a reference is missing or AWS throttles, PermanentError if the
        entity is excluded or the change cannot succeed. Both messages name the entity and the
        reason.
        """
        access = self._kinds[entity.kind]
        with translated_errors(entity.key):
            if entity in self._excluded:
                raise PermanentError("excluded: each region's stack owns its own")
            current = access.describe(entity.name)
            if wanted is not None:
                access.write(entity.name, current, WantedState(wanted))
            elif current is not None:
                access.delete(entity.name, current)

    def entities(self, kind: Kind, cursor: str | None = None) -> Iterator[Page]:
        """Yield the pages of the list of a kind, from a cursor on.

        Raises PermanentError if AWS rejects the cursor.
        """
        while True:
            with translated_errors(f"list of {kind}"):
                names, cursor = self._kinds[kind].page(cursor)
            entities = (Entity(kind, name) for name in names)
            yield Page(tuple(each for each in entities if each not in self._excluded), cursor)
            if cursor is None:
                return
