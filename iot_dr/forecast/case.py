"""Cases worth telling: what happens to the regions of a chain, one thing after another."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from iot_dr.forecast.history import Event
from iot_dr.route53.chain import Chain, RegionHealth

_DEEP: Final = RegionHealth(deep=False)
_TCP: Final = RegionHealth(tcp=False)
_GONE: Final = RegionHealth(deep=False, tcp=False)
_FAILING: Final = {_DEEP: "deep fails", _TCP: "TCP fails", _GONE: "deep and TCP fail"}


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


def cases(chain: Chain) -> Iterator[Case]:
    """Give the cases of a chain's primary and first standby, and of a further region."""
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
    """Tell one event: what an operator does, and what fails from then on."""
    for region in sorted(event.away):
        yield f"{region} is switched away"
    for region in sorted(event.back):
        yield f"{region} is switched back"
    if not event.health and not event.away and not event.back:
        yield "all is well"
    for region, health in event.health.items():
        yield f"{region}: {_FAILING[health]}"
