"""The execution of a schedule, and what must hold during it and in the end."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from functions.registry.access.registry import RegistryAccess
from functions.registry.entity import Entity
from functions.registry.item import from_item
from functions.registry.row import Row
from functions.registry.state import hash_of
from tests.simulation.api import BOTH
from tests.simulation.aws import DAY
from tests.simulation.code import Code
from tests.simulation.operations import CERTIFICATES, Operation, furnish
from tests.simulation.schedule import Step
from tests.simulation.task import Task
from tests.simulation.things import ACCOUNT
from tests.simulation.world import HandlerError, World

_CATCH_UP = 200_000
"""Milliseconds after which all clocks have passed every stamp that was made with another one."""
_UNDO_REVOCATION = (
    "activate", "deactivate", "register", "onboard", "delete certificate", "replace certificate",
)  # fmt: skip


@dataclass
class Run:
    """One execution of steps; `problems` says what did not hold."""

    world: World
    newer: Code

    def __post_init__(self) -> None:
        self.problems: list[str] = []
        self.revoked: set[str] = set()
        self.reactivated: set[str] = set()

    def step(self, name: str, *arguments: Any) -> None:
        """Do one step; raises AssertionError or what the world raises for a mistake of its own."""
        world = self.world
        steps: Mapping[str, Callable[..., object]] = {
            "furnish": self._furnish,
            "clock": world.skews.__setitem__,
            "do": self._do,
            "quiet": self._quiet,
            "duel": self._duel,
            "cut": world.cut_off,
            "down": world.down.add,
            "heal": world.heal,
            "compare": world.compare,
            "days": partial(world.skip, 3 * DAY),
            "quarter": partial(world.skip, 91 * DAY),
            "run": world.run,
            "settle": self._settle,
            "upgrade": partial(world.upgrade, code=self.newer),
        }
        steps[name](*arguments)

    def _furnish(self, region: str, things: int) -> None:
        furnish(self.world.client(BOTH, region), things)

    def _do(self, change: Operation) -> None:
        self.world.is_alone = False
        self._start(change)
        self.world.is_alone = True

    def _start(self, change: Operation) -> None:
        if change.name in _UNDO_REVOCATION:
            self.reactivated |= {name for _, name in CERTIFICATES}

        def done(outcome: str, _answer: object) -> None:
            if change.name == "revoke" and outcome == "ok":
                self.revoked.add(change.certificate)

        aws = self.world.client(BOTH, change.region)
        task = Task(change.region, partial(change, aws), done)
        task.is_user = True
        self.world.start(task)

    def _quiet(self, change: Operation) -> None:
        """Make a change while all is quiet: it must hold everywhere, and nothing else change."""
        before = self._snapshots()
        self._start(change)
        expected = self._snapshots()[change.region]
        # A group may be deleted with things in it: without an event, a comparison finds those.
        ends = self.world.drain(alone=False)
        if change.name == "delete group":
            ends = self.world.settle()
        if not ends:
            self.problems.append("it does not settle")
        after, dead_letters = self._snapshots(), self._dead_letters()
        for key in sorted({*expected, *(key for states in after.values() for key in states)}):
            was_equal = len({states.get(key) for states in before.values()}) == 1
            for region, states in after.items():
                if was_equal and states.get(key) != expected.get(key) and key not in dead_letters:
                    self.problems.append(
                        f"after the quiet change, {key} is {states.get(key)} in {region}, "
                        f"not {expected.get(key)}"
                    )

    def _duel(self, first: Operation, second: Operation) -> None:
        """Make a change in each of two regions before anything is copied.

        One of them holds everywhere, by the rules of ADR 0022, and the other one is kept.
        """
        self.world.skews = dict.fromkeys(self.world.regions, 0)
        self.world.now += _CATCH_UP
        # A trail dates a change by the second.
        before, begin = self._snapshots(), self.world.now // 1000 * 1000
        self._start(first)
        self.world.now += 2000
        self._start(second)
        now = self._snapshots()
        if not self.world.drain(alone=False):
            self.problems.append("it does not settle")
        after, dead_letters = self._snapshots(), self._dead_letters()
        made = {change.region: now[change.region] for change in (first, second)}
        for key in sorted({key for states in now.values() for key in states} - dead_letters):
            bases = {states.get(key) for states in before.values()}
            changed = {region: states.get(key) for region, states in made.items()
                       if states.get(key) not in bases}  # fmt: skip
            # A group takes its things along, which only a comparison finds.
            is_late = key.startswith("thing/") and "delete group" in (first.name, second.name)
            if len(bases) > 1 or not changed or is_late:
                continue
            results = {states.get(key) for states in after.values()}
            allowed = _allowed(key, changed, dated=_is_dated(first) and _is_dated(second))
            if len(results) > 1 or not results <= allowed:
                self.problems.append(f"after the duel, {key} is {results}, not one of {allowed}")
                continue
            losers = [region for region, state in changed.items() if state not in results]
            self.problems += [
                f"the change of {key} in {region} is lost, and not kept"
                for region in losers
                if not self._keeps_lost(region, key, begin)
            ]

    def _keeps_lost(self, region: str, key: str, begin: int) -> bool:
        lost = [row.lost for row in self._rows(region) if row.entity.key == key]
        return any(each is not None and each.stamp.milliseconds >= begin for each in lost)

    def _settle(self) -> None:
        if not self.world.settle():
            self.problems.append("it does not settle")

    def finish(self) -> None:
        """Settle, and check what must hold in the end."""
        self._settle()
        self.problems += self.world.missing_pulses()
        snapshots, dead_letters = self._snapshots(), self._dead_letters()
        for key in sorted({key for states in snapshots.values() for key in states}):
            states = {region: each.get(key) for region, each in snapshots.items()}
            is_explained = key in dead_letters or self._is_orphan(key)
            if len(set(states.values())) > 1 and not is_explained:
                self.problems.append(f"{key} differs without a reason in a row: {states}")
        for region, table in self.world.tables.items():
            self.problems += [
                f"{region} has copied the expired {key}" for key in table.born_expired
            ]
            self.problems += self._wrong_rows(region)
        for name in sorted(self.revoked - self.reactivated):
            certificates = [iot.certificates.get(name) for iot in self.world.iot.values()]
            if any(each and each["status"] != "REVOKED" for each in certificates):
                self.problems.append(f"the revocation of {name} is lost")

    def _is_orphan(self, key: str) -> bool:
        # The reconciler does not list the shadows of a thing that does not exist: if their event is
        # lost, nothing else names them (ADR 0022).
        kind, thing = key.split("/")[:2]
        return kind == "shadow" and all(thing not in iot.things for iot in self.world.iot.values())

    def _snapshots(self) -> dict[str, dict[str, str]]:
        return {region: iot.snapshot() for region, iot in self.world.iot.items()}

    def _rows(self, region: str) -> Iterator[Row]:
        rows = map(from_item, self.world.tables[region].rows())
        return (row for row in rows if row.region == region)

    def _dead_letters(self) -> set[str]:
        """Return the keys of the entities whose difference is recorded in a row."""
        return {
            row.entity.key for region in self.world.regions for row in self._rows(region)
            if row.dead_letter
        }  # fmt: skip

    def _wrong_rows(self, region: str) -> Iterator[str]:
        iot: Any = self.world.client(BOTH, region)
        access = RegistryAccess(iot, iot, region, ACCOUNT)
        for row in self._rows(region):
            if row.pending is not None:
                yield f"the row of {row.entity.key} is pending in {region} for ever"
            elif not row.dead_letter and row.hash != hash_of(
                access.read(Entity.parse(row.entity.key))
            ):
                yield f"the row of {row.entity.key} says what is not so in {region}"


def _allowed(key: str, changed: Mapping[str, str | None], *, dated: bool) -> set[str | None]:
    """Return the states that may hold of those that were made apart, the earlier one first."""
    states = list(changed.values())
    if key.partition("/")[0] in ("certificate", "ca-certificate"):
        strictest = max(map(_restriction, states))
        return {state for state in states if _restriction(state) == strictest}
    return {states[-1]} if dated else set(states)


def _restriction(certificate: str | None) -> int:
    status = "DELETED" if certificate is None else json.loads(certificate)[0]
    return ("ACTIVE", "INACTIVE", "REVOKED", "DELETED").index(status)


def _is_dated(change: Operation) -> bool:
    """Whether IoT Core dates a change; without a date that of its capture may count."""
    return change.name == "update shadow" and change.value > 0


def execute(
    steps: Sequence[Step], seed: int, codes: Sequence[Code], newer: Code | None = None
) -> list[str]:
    """Execute steps with the interleaving of a seed; return what does not hold.

    `codes` are those of the regions in the beginning, `newer` is the one of upgrades.
    """
    run = Run(World(seed, codes), newer or codes[0])
    try:
        for step in steps:
            run.step(*step)
            if run.problems:
                return run.problems
        run.finish()
    except HandlerError as error:
        return [str(error)]
    return run.problems
