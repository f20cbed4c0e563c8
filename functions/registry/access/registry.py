"""One region's IoT Core, entity by entity."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from functions.registry.access.ca_certificates import CaCertificates
from functions.registry.access.certificates import Certificates
from functions.registry.access.dates import changed
from functions.registry.access.errors import Never, told
from functions.registry.access.policies import Policies
from functions.registry.access.region import Answer, Client, Region
from functions.registry.access.shadows import Shadows
from functions.registry.access.thing_groups import ThingGroups
from functions.registry.access.thing_types import ThingTypes
from functions.registry.access.things import Things
from functions.registry.access.wanted import Wanted
from functions.registry.entity import Entity, Kind
from functions.registry.found import Found
from functions.registry.state import State


@dataclass(frozen=True)
class Page:
    """Some entities, and the cursor with which the listing goes on after them; None: the end."""

    entities: tuple[Entity, ...]
    cursor: str | None


@dataclass(frozen=True)
class Excluded:
    """Entities that are not copied: `own`, and the reported halves of shadows if `reported`."""

    own: frozenset[Entity]
    reported: bool

    def __contains__(self, entity: object) -> bool:
        """Return whether an entity is excluded from copying."""
        is_reported = isinstance(entity, Entity) and entity.is_reported
        return entity in self.own or (self.reported and is_reported)


def excluded(
    policies: Iterable[str], ca_certificates: Iterable[str], *, reported: bool = False
) -> Excluded:
    """Exclude what each region's stack makes as its own, by name and id, and reported halves."""
    own = {Kind.POLICY: policies, Kind.CA_CERTIFICATE: ca_certificates}
    entities = (Entity(kind, name) for kind, names in own.items() for name in names)
    return Excluded(frozenset(entities), reported)


class _Of(Protocol):
    """What each kind does; `held` is what AWS answers of an entity, and goes nowhere else."""

    def page(self, cursor: str | None) -> tuple[list[str], str | None]: ...

    def held(self, name: str, /) -> Answer | None: ...

    def state(self, name: str, held: Answer, /) -> State | None: ...

    def bring(self, name: str, held: Answer | None, wanted: Wanted, /) -> None: ...

    def delete(self, name: str, held: Answer, /) -> None: ...


class RegistryAccess:
    """Reads, lists and writes a region's entities but the excluded ones.

    `iot` and `iot_data` are boto3's clients (see `client.py`). Every call raises NotYet when AWS
    throttles or does not answer, and botocore's own error when a right is missing. An object
    remembers which groups are dynamic, so it is made anew for each run of a function.
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
        self._kinds: dict[Kind, _Of] = {
            Kind.THING_TYPE: ThingTypes(here),
            Kind.THING_GROUP: groups,
            Kind.POLICY: Policies(here),
            Kind.CA_CERTIFICATE: CaCertificates(here),
            Kind.CERTIFICATE: Certificates(here),
            Kind.THING: Things(here, groups),
            Kind.SHADOW: Shadows(here),
        }

    def read(self, entity: Entity) -> State | None:
        """Give the state of an entity as it is now; None when it is not there or excluded.

        Raises Never when what is there cannot be carried to another region.
        """
        (found,) = self.look(entity)
        return found.state

    def look(self, *entities: Entity) -> list[Found]:
        """Give the same, and what AWS tells of when it was changed; raises as `read` does.

        One answer tells of both halves of a shadow: these alone may be given together.
        """
        one = entities[0]
        if one in self._excluded:
            return [Found(None)]
        with told(one.key):
            held = self._kinds[one.kind].held(one.name)
        return [self._found(entity, held) for entity in entities]

    def _found(self, entity: Entity, held: Answer | None) -> Found:
        with told(entity.key):
            state = None if held is None else self._kinds[entity.kind].state(entity.name, held)
        return Found(None) if state is None else Found(state, partial(changed, entity, held, state))

    def write(self, entity: Entity, wanted: State | None) -> None:
        """Bring an entity to a state, None deleting it; nothing is called for what is there.

        Raises NotYet when what it needs is missing or AWS wants to wait, and Never when it cannot
        work as it is: both name the entity and the reason.
        """
        of_kind = self._kinds[entity.kind]
        with told(entity.key):
            if entity in self._excluded:
                raise Never("excluded: each region's stack owns its own")
            held = of_kind.held(entity.name)
            if wanted is not None:
                of_kind.bring(entity.name, held, Wanted(wanted))
            elif held is not None:
                of_kind.delete(entity.name, held)

    def entities(self, kind: Kind, cursor: str | None = None) -> Iterator[Page]:
        """List all entities of a kind from a cursor on, page by page.

        Raises Never when AWS does not take the cursor.
        """
        while True:
            with told(f"list of {kind}"):
                names, cursor = self._kinds[kind].page(cursor)
            entities = (Entity(kind, name) for name in names)
            yield Page(tuple(each for each in entities if each not in self._excluded), cursor)
            if cursor is None:
                return
