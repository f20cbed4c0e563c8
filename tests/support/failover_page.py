"""The tables of docs/explanation/failover.md; `python -m tests.support.failover_page` prints them.

A row is a sequence of events in the regions of a failover configuration.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from iot_dr.route53.failover_config import FailoverConfig
from tests.support.failover_history import Event, FailoverState, history
from tests.support.lost_regions import COUNTS, GONE, lost_regions_table
from tests.support.region_health import RegionHealth

_ORDER: Final = ("region 1", "region 2", "region 3")
_HEAD: Final = ("states of the checks", "switched away", "answer", "paged")

_DEEP: Final = RegionHealth(deep=False)
_TCP: Final = RegionHealth(tcp=False)
_FAILING: Final = {_DEEP: "deep fails", _TCP: "TCP fails", GONE: "deep and TCP fail"}

TABLES: Final = {
    "Two regions, fail-back latched": FailoverConfig(order=_ORDER[:2]),
    "Two regions, fail-back auto": FailoverConfig(order=_ORDER[:2], fail_back="auto"),
    "Three regions, fail-back latched": FailoverConfig(order=_ORDER),
    "Two regions, shallow, fail-back latched": FailoverConfig(order=_ORDER[:2], mode="shallow"),
}
"""The configurations on the page, by heading."""


@dataclass(frozen=True, slots=True)
class Case:
    """A sequence of events; the row shows the state after the last one."""

    events: tuple[Event, ...]

    @property
    def description(self) -> str:
        """The events as text."""
        return "; then ".join(", ".join(_words(event)) for event in self.events)

    @property
    def by_operator(self) -> frozenset[str]:
        """The regions that an operator has switched away and not back."""
        switched: frozenset[str] = frozenset()
        for event in self.events:
            switched = (switched | event.switched_away) - event.switched_back
        return switched


def table(config: FailoverConfig) -> str:
    """Return the cases of a configuration as a Markdown table of events and effects."""
    rows = [_row(config, case) for case in cases(config)]
    return "\n".join(map(_line, [_HEAD, ["---"] * len(_HEAD), *rows]))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _row(config: FailoverConfig, case: Case) -> Sequence[str]:
    *_, moment = history(config, case.events)
    return (
        case.description,
        _switched(case, moment),
        _answer(config, moment),
        _paged(config, moment),
    )


def _switched(case: Case, moment: FailoverState) -> str:
    switched = [
        f"{region} by {'an operator' if region in case.by_operator else 'the watcher'}"
        for region in sorted(moment.switches)
    ]
    return ", ".join(switched) or "-"


def _answer(config: FailoverConfig, moment: FailoverState) -> str:
    answer = moment.answer
    if answer.is_fallback:
        return f"{answer.leads_to}, for all are unhealthy"
    return answer.leads_to if answer.leads_to == config.primary else f"**{answer.leads_to}**"


def _paged(config: FailoverConfig, moment: FailoverState) -> str:
    by_region = groupby(moment.pages, key=lambda page: page.region)
    paged = [
        f"{region}: {', '.join(page.alarm.value for page in pages)}" for region, pages in by_region
    ]
    first = "*before devices move:* " if moment.pages_before_failover(config) else ""
    return f"{first}{'; '.join(paged)}" if paged else "nobody"


def cases(config: FailoverConfig) -> Iterator[Case]:
    """Yield the cases of the primary, the first standby and the last region."""
    primary, two, last = config.primary, config.order[1], config.last
    primary_gone, all_well = Event(health={primary: GONE}), Event()
    yield Case((all_well,))
    yield Case((Event(health={primary: _DEEP}),))
    yield Case((Event(health={primary: _TCP}),))
    yield Case((primary_gone,))
    yield Case((primary_gone, all_well))
    yield Case((primary_gone, all_well, Event(switched_back=frozenset({primary}))))
    yield Case((Event(health={two: _DEEP}),))
    yield Case((Event(health={two: GONE}),))
    yield Case((Event(health={primary: GONE, two: _DEEP}),))
    yield Case((Event(health={primary: GONE, two: _DEEP}), all_well))
    yield Case((Event(health={primary: _DEEP, two: _TCP}),))
    yield Case((Event(health={primary: GONE, two: GONE}),))
    yield Case((Event(switched_away=frozenset({primary})),))
    yield Case((Event(switched_away=frozenset({last})),))
    yield Case((Event(switched_away=frozenset(config.order)),))
    if last != two:
        yield Case((Event(health={primary: GONE}, switched_away=frozenset({two})),))
        both_gone = Event(health={primary: GONE, two: GONE})
        yield Case((primary_gone, both_gone, all_well))
        yield Case((Event(health=dict.fromkeys(config.order, GONE)),))


def _words(event: Event) -> Iterator[str]:
    """Yield an event's parts as text: the operator's switches, then the failures."""
    for region in sorted(event.switched_away):
        yield f"{region} is switched away"
    for region in sorted(event.switched_back):
        yield f"{region} is switched back"
    if not event.health and not event.switched_away and not event.switched_back:
        yield "all is well"
    for region, health in event.health.items():
        yield f"{region}: {_FAILING[health]}"


def _tables() -> Iterator[str]:
    for heading, config in TABLES.items():
        yield f"### {heading}\n\n{table(config)}\n"
    for count in COUNTS:
        yield f"### {count} regions\n\n{lost_regions_table(count)}\n"


if __name__ == "__main__":
    sys.stdout.write("\n".join(_tables()))
