"""Resolvers that ask for a name at any time, and keep each answer for its TTL."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from iot_dr.observe.switch.record_sets import RecordSet, targets
from iot_dr.route53.evaluation import Evaluation
from iot_dr.route53.names import is_of_addresses
from iot_dr.route53.record import Record
from iot_dr.terraform_json.dns_name import dns_name, is_below

_DEEPEST: Final = 8


@dataclass
class ResolverCaches:
    """The answers for a name that a resolver may have, after each change of its zone.

    `now` is in seconds and advances by `wait` alone, so all changes between two waits meet caches
    that are full. `answers` are the name's own answers with their TTLs, each once in a row.
    """

    name: str
    zone: str
    now: float = 0.0
    answers: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    _until: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    _answered: dict[str, Record] = field(default_factory=dict[str, Record])

    def wait(self, seconds: float) -> None:
        """Let time pass; resolvers go on to ask."""
        self._cache()
        self.now += seconds
        self._cache()

    def observe(self, change: str, records: Iterable[RecordSet], serving: Collection[str]) -> None:
        """Check the answers after a change; `serving` are the hosts that serve the name.

        Fails if a resolver may have no answer, or one that leads to another host.
        """
        self._cache()
        self._answered.clear()
        evaluation = evaluation_of(records)
        hosts = set(self._hosts(self.name, evaluation, change))
        assert hosts <= {*serving}, f"{change}: {self.name} leads to {hosts}, served by {serving}"
        own = self._answered[self.name]
        assert own.ttl is not None, f"{change}: {own} has no TTL"
        if self.answers[-1:] != [(own.target, own.ttl)]:
            self.answers.append((own.target, own.ttl))

    def longest(self) -> float:
        """Return for how many seconds a resolver may still have an earlier answer of the name."""
        own = self._answered[self.name].target
        left = [
            until - self.now
            for (name, target), until in self._until.items()
            if name == self.name and target != own
        ]
        return max(left, default=0.0)

    def _cache(self) -> None:
        for name, record in self._answered.items():
            key, until = (name, record.target), self.now + (record.ttl or 0)
            self._until[key] = max(self._until.get(key, 0.0), until)

    def _hosts(
        self, name: str, evaluation: Evaluation, change: str, depth: int = 0
    ) -> Iterator[str]:
        if not is_below(name, self.zone):
            yield name
            return
        assert depth < _DEEPEST, f"{change}: {self.name} leads in a circle"
        assert name in evaluation.records, f"{change}: {name} has no answer"
        answer = evaluation.answer(name, {}).record
        self._answered[name] = answer
        cached = [
            target
            for (owner, target), until in self._until.items()
            if owner == name and until > self.now
        ]
        for target in dict.fromkeys((answer.target, *cached)):
            yield from self._hosts(target, evaluation, change, depth + 1)


def evaluation_of(records: Iterable[RecordSet]) -> Evaluation:
    """Return the evaluation of record sets of Route 53's API."""
    known = (each for each in records if is_of_addresses(each["Type"]))
    return Evaluation(map(_record, known), ())


def _record(given: RecordSet) -> Record:
    alias = given.get("AliasTarget") or {}
    leads_to = [alias["DNSName"]] if alias else targets(given)
    side = str(given.get("Failover") or "")
    return Record(
        name=dns_name(given["Name"]),
        type=given["Type"],
        routing="failover" if side else "",
        side=side,
        targets=tuple(map(dns_name, leads_to)),
        is_alias=bool(alias),
        evaluates_target=bool(alias.get("EvaluateTargetHealth")),
        check=str(given.get("HealthCheckId") or ""),
        ttl=given.get("TTL"),
    )
