"""What Route 53 makes of checks and records, at one moment."""

from collections import defaultdict
from collections.abc import Callable, Iterator

from iot_dr.drill.world.world import HealthCheck, Record, World

Says = Callable[[HealthCheck], bool]
"""What a check that asks something itself finds, before it is inverted."""


class Evaluation:
    """Judges checks and chooses records, as docs.aws.amazon.com/Route53/latest/DeveloperGuide says.

    The pages are health-checks-how-route-53-chooses-records.html, dns-failover-types.html and
    dns-failover-complex-configs.html.
    """

    def __init__(self, world: World) -> None:
        self._checks = world.checks
        self._records: defaultdict[str, list[Record]] = defaultdict(list)
        for record in world.records:
            self._records[record.name].append(record)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that have records."""
        return tuple(self._records)

    def asked(self) -> Iterator[HealthCheck]:
        """Yield each check that a record asks, itself or through others, once."""
        waiting = [each.check for records in self._records.values() for each in records]
        seen = set[str]()
        while waiting:
            id_ = waiting.pop(0)
            if id_ is not None and id_ not in seen:
                seen.add(id_)
                yield self._checks[id_]
                waiting += self._checks[id_].children

    def healthy(self, check: HealthCheck, says: Says) -> bool:
        """Judge a check; one that is disabled counts as healthy, or as unhealthy when inverted."""
        if check.disabled:
            found = True
        elif check.type == "CALCULATED":
            healthy = (self.healthy(self._checks[child], says) for child in check.children)
            found = sum(healthy) >= check.child_threshold
        else:
            found = says(check)
        return found is not check.inverted

    def choice(self, name: str, says: Says) -> Record:
        """Give the record that a name leads to now, through aliases; KeyError where it has none."""
        chosen = self._chosen(name, says)
        return self.choice(chosen.target, says) if chosen.is_alias else chosen

    def _chosen(self, name: str, says: Says) -> Record:
        if name not in self._records:
            raise KeyError(name)
        first, *others = sorted(self._records[name], key=lambda each: each.side or "")
        if self._is_well(first, says):
            return first
        return next((each for each in others if self._is_well(each, says)), first)

    def _is_well(self, record: Record, says: Says) -> bool:
        if record.check is not None and not self.healthy(self._checks[record.check], says):
            return False
        if not (record.is_alias and record.evaluates_target):
            return True
        # One healthy record is enough for what an alias leads to.
        return any(self._is_well(each, says) for each in self._records[record.target])
