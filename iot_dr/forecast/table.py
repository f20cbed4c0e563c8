"""The tables of docs/failover.md, computed; `python -m iot_dr.forecast.table` prints them."""

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from iot_dr.forecast.case import Case, cases
from iot_dr.forecast.history import Moment, history
from iot_dr.route53.chain import Chain

_ORDER: Final = ("region 1", "region 2", "region 3")
_HEAD: Final = ("states of the checks", "switched away", "answer", "paged")

TABLES: Final = {
    "Two regions, fail-back latched": Chain(order=_ORDER[:2]),
    "Two regions, fail-back auto": Chain(order=_ORDER[:2], fail_back="auto"),
    "Three regions, fail-back latched": Chain(order=_ORDER),
    "Two regions, shallow, fail-back latched": Chain(order=_ORDER[:2], mode="shallow"),
}
"""The chains that the page shows, by the heading of their table."""


def table(chain: Chain) -> str:
    """Give the cases of a chain as a Markdown table: what happens, and what comes of it."""
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


def _tables() -> Iterator[str]:
    for heading, chain in TABLES.items():
        yield f"### {heading}\n\n{table(chain)}\n"


if __name__ == "__main__":
    sys.stdout.write("\n".join(_tables()))
