"""What one event after another does to the answer of the device name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from iot_dr.forecast.paging import Page, pages
from iot_dr.forecast.watcher import latch
from iot_dr.route53.chain import Answer, Chain, Health, RegionHealth, answer


def _all_well() -> Mapping[str, RegionHealth]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happens: the health of the regions from now on, and what an operator switches."""

    health: Health = field(default_factory=_all_well)
    away: frozenset[str] = frozenset()
    back: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How things stand after an event: the regions switched away, the answer, who is paged."""

    switches: frozenset[str]
    answer: Answer
    pages: tuple[Page, ...]

    def warns_first(self, chain: Chain) -> bool:
        """Tell whether somebody is paged while the devices are, and stay, with the primary."""
        stays = self.answer.leads_to == chain.primary and not self.answer.is_fallback
        return stays and bool(self.pages)


def history(
    chain: Chain, events: Iterable[Event], switches: frozenset[str] = frozenset()
) -> Iterator[Moment]:
    """Give how things stand after each event: the operator acts, then the watcher, then DNS."""
    for event in events:
        switches = latch(chain, event.health, (switches | event.away) - event.back)
        yield Moment(
            switches=switches,
            answer=answer(chain, event.health, switches),
            pages=pages(chain, event.health, switches),
        )
