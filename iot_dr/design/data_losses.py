"""What of device data and of states is lost between regions, gathered by the broken link."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from iot_dr.design.data_links import Link
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.resource import Resource

_Pair = tuple[str, str]


class Loss(NamedTuple):
    """What is lost, a sentence without a dot, and the resource at which, None if one is missing."""

    message: str
    resource: Resource | None


class DataPaths(NamedTuple):
    """What of a set's data is lost, and what decides that and is not known."""

    lost: tuple[Loss, ...] = ()
    unknown: tuple[str, ...] = ()


class Losses:
    """Losses, each broken link once with all that is lost by it."""

    def __init__(self) -> None:
        # By broken link: what is lost between which regions.
        self._broken = dict[tuple[str, str], tuple[Link, dict[_Pair, list[str]]]]()
        self._lost, self._unknown = list[Loss](), dict[str, None]()

    def judge(self, lead: str, links: Iterable[Link]) -> None:
        """Take each broken link as a loss of its own."""
        for link in links:
            if link.is_known:
                self._lost.append(Loss(f"{lead}: {link.problem}", link.resource))
            else:
                self._unknown[link.problem] = None

    def take(self, path: Iterable[Link], what: str, pair: _Pair) -> None:
        """Take the first broken link of a path; what is not known decides only without one."""
        links = [*path]
        broken = next((link for link in links if link.is_known), None)
        if broken:
            key = broken.problem, broken.resource.id if broken.resource else ""
            _, pairs = self._broken.setdefault(key, (broken, {}))
            pairs.setdefault(pair, []).append(what)
        else:
            self._unknown |= dict.fromkeys(link.problem for link in links)

    def result(self) -> DataPaths:
        """Return what is lost, of each pair of regions together."""
        return DataPaths((*self._of_pairs(), *self._lost), tuple(self._unknown))

    def _of_pairs(self) -> Iterator[Loss]:
        for link, pairs in self._broken.values():
            by_kinds = defaultdict[str, list[_Pair]](list)
            for pair, kinds in pairs.items():
                by_kinds[_joined(kinds)].append(pair)
            for kinds, lost in by_kinds.items():
                sources, targets = (
                    _joined(dict.fromkeys(each)) for each in zip(*lost, strict=True)
                )
                lead = f"{kinds} changed in {sources} do not arrive in {targets}"
                yield Loss(f"{lead}: {link.problem}", link.resource)


def _joined(names: Iterable[str]) -> str:
    every = [*names]
    return " and ".join(every) if len(every) < 3 else listing(every)  # noqa: PLR2004 - a pair
