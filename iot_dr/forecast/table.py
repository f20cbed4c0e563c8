"""The tables of docs/failover.md, computed; `python -m iot_dr.forecast.table` prints them.

A row is a case worth telling: what happens to the regions of a chain, one event after another.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from iot_dr.forecast.history import Event, Moment, history
from iot_dr.route53.chain import Chain, RegionHealth

_ORDER: Final = ("region 1", "region 2", "region 3")
_HEAD: Final = ("states of the checks", "switched away", "answer", "paged")

_DEEP: Final = RegionHealth(deep=False)
_TCP: Final = RegionHealth(tcp=False)
_GONE: Final = RegionHealth(deep=False, tcp=False)
_FAILING: Final = {_DEEP: "deep fails", _TCP: "TCP fails", _GONE: "deep and TCP fail"}

TABLES: Final = {
    "Two regions, fail-back latched": Chain(order=_ORDER[:2]),
    "Two regions, fail-back auto": Chain(order=_ORDER[:2], fail_back="auto"),
    "Three regions, fail-back latched": Chain(order=_ORDER),
    "Two regions, shallow, fail-back latched": Chain(order=_ORDER[:2], mode="shallow"),
}
"""The chains that the page shows, by the heading of their table."""


@dataclass(frozen=True, slots=True)
class Case:
    """What happens, one event after another; the last of them is looked at."""

    events: tuple[Event, ...]

    @property
    def words(self) -> str:
        """The events in words."""
        return "; then ".join(", ".join(_words(event)) for event in self.events)

    @property
    def by_operator(self) -> frozenset[str]:
        """The regions that an operator has switched away, and not back."""
        switched: frozenset[str] = frozenset()
        for event in self.events:
            switched = (switched | event.away) - event.back
        return switched


def table(chain: Chain) -> str:
    """Return the cases of a chain as a Markdown table: what happens, and what comes of it."""
    rows = [_row(chain, case) for case in cases(chain)]
    return "\n".join(map(_line, [_HEAD, ["---"] * len(_HEAD), *rows]))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _row(chain: Chain, case: Case) -> Sequence[str]:
    *_, moment = history(chain, case.events)
    return case.words, _switched(case, moment), _answer(chain, moment), _paged(chain, moment)


def _switched(case: Case, moment: Moment) -> str:
    told = [
        f"{region} by {'an operator' if region in case.by_operator else 'the watcher'}"
        for region in sorted(moment.switches)
    ]
    return ", ".join(told) or "-"


def _answer(chain: Chain, moment: Moment) -> str:
    answer = moment.answer
    if answer.is_fallback:
        return f"{answer.leads_to}, for all are unhealthy"
    return answer.leads_to if answer.leads_to == chain.primary else f"**{answer.leads_to}**"


def _paged(chain: Chain, moment: Moment) -> str:
    by_region = groupby(moment.pages, key=lambda page: page.region)
    told = [
        f"{region}: {', '.join(page.alarm.value for page in pages)}" for region, pages in by_region
    ]
    first = "*before devices move:* " if moment.warns_first(chain) else ""
    return f"{first}{'; '.join(told)}" if told else "nobody"


def cases(chain: Chain) -> Iterator[Case]:
    """Yield the cases of a chain's primary and first standby, and of a further region."""
    one, two, last = chain.primary, chain.keeper, chain.last
    primary_gone, all_well = Event(health={one: _GONE}), Event()
    yield Case((all_well,))
    yield Case((Event(health={one: _DEEP}),))
    yield Case((Event(health={one: _TCP}),))
    yield Case((primary_gone,))
    yield Case((primary_gone, all_well))
    yield Case((primary_gone, all_well, Event(back=frozenset({one}))))
    yield Case((Event(health={two: _DEEP}),))
    yield Case((Event(health={two: _GONE}),))
    yield Case((Event(health={one: _GONE, two: _DEEP}),))
    yield Case((Event(health={one: _GONE, two: _DEEP}), all_well))
    yield Case((Event(health={one: _DEEP, two: _TCP}),))
    yield Case((Event(health={one: _GONE, two: _GONE}),))
    yield Case((Event(away=frozenset({one})),))
    yield Case((Event(away=frozenset({last})),))
    yield Case((Event(away=frozenset(chain.order)),))
    if last != two:
        yield Case((Event(health={one: _GONE}, away=frozenset({two})),))
        yield Case((Event(health=dict.fromkeys(chain.order, _GONE)),))


def _words(event: Event) -> Iterator[str]:
    """Yield the words of an event: what an operator does, and what fails from then on."""
    for region in sorted(event.away):
        yield f"{region} is switched away"
    for region in sorted(event.back):
        yield f"{region} is switched back"
    if not event.health and not event.away and not event.back:
        yield "all is well"
    for region, health in event.health.items():
        yield f"{region}: {_FAILING[health]}"


def _tables() -> Iterator[str]:
    for heading, chain in TABLES.items():
        yield f"### {heading}\n\n{table(chain)}\n"


if __name__ == "__main__":
    sys.stdout.write("\n".join(_tables()))
