"""Evaluates Route 53 failover records, a pure function of records and check states.

Sources, below docs.aws.amazon.com/Route53/latest:
DeveloperGuide/health-checks-how-route-53-chooses-records.html, dns-failover-types.html and
dns-failover-complex-configs.html; APIReference/API_HealthCheckConfig.html (Disabled,
HealthThreshold, Inverted).
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from iot_dr.route53.check import CALCULATED, HealthCheck
from iot_dr.route53.record import Record

States = Mapping[str, bool | None]
"""The results of endpoint and alarm checks by id, before `inverted` is applied.

A missing one is healthy, as Route 53 treats a check without data; None is unknown.
"""

DEEPEST: Final = 32
"""Nested checks and names; real designs do not nest so deep, and documents may have cycles."""


@dataclass(frozen=True, slots=True)
class Status:
    """The status of a check, a record or a name, and the statuses that it depends on.

    `healthy` is None if it depends on unknown states.
    """

    name: str
    healthy: bool | None
    causes: tuple["Status", ...] = ()

    def lines(self) -> Iterator[str]:
        """Yield the status, and the causes of an unhealthy one, indented.

        An unknown status is printed as healthy.
        """
        yield f"{self.name}: {'unhealthy' if self.healthy is False else 'healthy'}"
        if self.healthy is False:
            for cause in self.causes:
                yield from (f"  {line}" for line in cause.lines())


@dataclass(frozen=True, slots=True)
class Decision:
    """The choice at one name: its records, PRIMARY first, and the chosen record.

    `is_fallback` means that no record is healthy: Route 53 then answers with the PRIMARY.
    """

    name: str
    candidates: tuple[Record, ...]
    chosen: Record
    is_fallback: bool
    _statuses: "_Statuses" = field(compare=False, repr=False)

    @property
    def records(self) -> tuple[tuple[Record, Status], ...]:
        """Its records with their statuses, which are computed when they are asked for."""
        # A choice needs the first healthy one alone, and a name may have thousands of records.
        return tuple((record, self._statuses.of_record(record)) for record in self.candidates)

    def lines(self) -> Iterator[str]:
        """Yield the decision and the statuses it depends on."""
        why = " because both are unhealthy" if self.is_fallback else ""
        yield f"{self.name}: {self.chosen.side}{why}, points to {self.chosen.target}"
        for record, status in self.records:
            first, *rest = status.lines()
            yield f"  {record.side} uses {first}"
            yield from (f"  {line}" for line in rest)


@dataclass(frozen=True, slots=True)
class Answer:
    """The decisions for a name, from its own through alias targets to the answered record."""

    decisions: tuple[Decision, ...]

    @property
    def record(self) -> Record:
        """The answered record."""
        return self.decisions[-1].chosen

    @property
    def leads_to(self) -> str:
        """The target of the answered record."""
        return self.record.target

    @property
    def is_fallback(self) -> bool:
        """Whether no record of the name is healthy."""
        return self.decisions[0].is_fallback

    def lines(self) -> Iterator[str]:
        """Yield each decision and the statuses it depends on."""
        for decision in self.decisions:
            yield from decision.lines()


class Evaluation:
    """Records, simple or with failover routing, and their health checks.

    Its methods are pure functions.
    """

    def __init__(self, records: Iterable[Record], checks: Iterable[HealthCheck]) -> None:
        self.checks = {check.id: check for check in checks}
        by_name: defaultdict[str, list[Record]] = defaultdict(list)
        for record in records:
            by_name[record.name].append(record)
        self.records: Mapping[str, tuple[Record, ...]] = {
            name: tuple(sorted(named, key=lambda record: record.side))
            for name, named in by_name.items()
        }
        self._check_ids: dict[tuple[str, ...], tuple[str, ...]] = {}

    def check_ids(self, *ids: str) -> tuple[str, ...]:
        """Return checks and all their descendants, each once; by default those of all records.

        An id may be that of an unknown check.
        """
        # Thousands of records may have one calculated check of hundreds of children.
        if ids not in self._check_ids:
            self._check_ids[ids] = tuple(self._descendants(ids))
        return self._check_ids[ids]

    def _descendants(self, ids: Iterable[str]) -> Iterator[str]:
        records = (record for named in self.records.values() for record in named)
        pending = deque(list(ids) or [record.check for record in records if record.check])
        seen = set[str]()
        while pending:
            id_ = pending.popleft()
            if id_ not in seen:
                seen.add(id_)
                yield id_
                pending += self.checks[id_].children if id_ in self.checks else ()

    def status(self, check: str, states: States) -> Status:
        """Return the status of a check."""
        return _Statuses(self, states).of_check(check)

    def record_status(self, record: Record, states: States) -> Status:
        """Return the status of a record: its check's and, for an alias, its target's."""
        return _Statuses(self, states).of_record(record)

    def answer(self, name: str, states: States) -> Answer:
        """Return the answer for a name; raises KeyError if it has no records."""
        statuses, decisions = _Statuses(self, states), list[Decision]()
        decisions.append(self._decide(name, statuses))
        while decisions[-1].chosen.is_alias and len(decisions) < DEEPEST:
            below = decisions[-1].chosen.target
            if below not in self.records:
                break
            decisions.append(self._decide(below, statuses))
        return Answer(tuple(decisions))

    def answers(self, name: str, states: States) -> tuple[Answer, ...]:
        """Return the possible answers, one per target and `is_fallback`, for all unknown states."""
        unknown = [id_ for id_, state in states.items() if state is None]
        possible: dict[tuple[str, bool], Answer] = {}
        for values in product((True, False), repeat=len(unknown)):
            answer = self.answer(name, {**states, **dict(zip(unknown, values, strict=True))})
            possible.setdefault((answer.leads_to, answer.is_fallback), answer)
        return tuple(possible.values())

    def _decide(self, name: str, statuses: "_Statuses") -> Decision:
        """Choose the PRIMARY unless it is unhealthy, else the SECONDARY, else the PRIMARY.

        An unknown status counts as healthy.
        """
        records = self.records[name]
        healthy = (each for each in records if statuses.of_record(each).healthy is not False)
        chosen = next(healthy, None)
        return Decision(name, records, chosen or records[0], chosen is None, statuses)


@dataclass(slots=True)
class _Statuses:
    """Statuses of one evaluation, computed once each."""

    evaluation: Evaluation
    states: States
    _checks: dict[str, Status] = field(default_factory=dict[str, Status])
    _names: dict[str, Status] = field(default_factory=dict[str, Status])

    def of_check(self, id_: str, depth: int = 0) -> Status:
        if id_ not in self._checks:
            # Ends the recursion of a check that is its own descendant.
            self._checks[id_] = Status(id_, None)
            self._checks[id_] = self._of_check(id_, depth)
        return self._checks[id_]

    def of_record(self, record: Record, depth: int = 0) -> Status:
        """A record is healthy if its check and its alias target are; with neither, it always is."""
        causes = [self.of_check(record.check)] if record.check else []
        if record.is_alias and record.evaluates_target:
            causes.append(self._of_name(record.target, depth))
        if len(causes) == 1:
            return causes[0]
        name = " and ".join(cause.name for cause in causes) or "nothing"
        return Status(name, _at_least(len(causes), causes), tuple(causes))

    def _of_check(self, id_: str, depth: int) -> Status:
        check = self.evaluation.checks.get(id_)
        if check is None:
            return Status(id_, self.states.get(id_, True))
        causes: tuple[Status, ...] = ()
        if check.disabled:
            healthy: bool | None = True
        elif check.type == CALCULATED:
            if depth < DEEPEST:
                causes = tuple(self.of_check(child, depth + 1) for child in check.children)
            is_known = check.child_threshold is not None and len(causes) == len(check.children)
            healthy = _at_least(check.child_threshold or 0, causes) if is_known else None
        else:
            healthy = self.states.get(id_, True)
        return Status(id_, healthy if healthy is None else healthy is not check.inverted, causes)

    def _of_name(self, name: str, depth: int) -> Status:
        """An alias target is healthy if one of its records is."""
        if name not in self.evaluation.records or depth >= DEEPEST:
            return Status(name, self.states.get(name, True))
        if name not in self._names:
            self._names[name] = Status(name, None)
            records = self.evaluation.records[name]
            causes = tuple(self.of_record(record, depth + 1) for record in records)
            self._names[name] = Status(name, _at_least(1, causes), causes)
        return self._names[name]


def _at_least(number: int, statuses: Iterable[Status]) -> bool | None:
    """Whether at least `number` statuses are healthy, None if that depends on unknown ones."""
    healthy = [status.healthy for status in statuses]
    if healthy.count(True) >= number:
        return True
    return None if healthy.count(True) + healthy.count(None) >= number else False
