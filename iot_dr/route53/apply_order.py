"""The points of an apply between two changes, at which Route 53 answers queries.

Terraform's AWS provider sends each record in a change batch of its own, and Route 53 applies a
batch as a whole: docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html.
"""

from collections import deque
from collections.abc import Collection, Iterator, Mapping


def apply_points(
    changed: Collection[str], depends_on: Mapping[str, Collection[str]]
) -> Iterator[frozenset[str]]:
    """Yield each set of changes that may be done while others are not; the first is empty.

    `changed` and `depends_on` are addresses; Terraform applies a change once those that it depends
    on, also through resources that do not change, are done. Their number may be exponential in the
    number of changes.
    """
    earlier = {address: _all_earlier(address, depends_on) & {*changed} for address in changed}
    points, seen = deque([frozenset[str]()]), set[frozenset[str]]()
    while points:
        done = points.popleft()
        yield done
        for address, others in earlier.items():
            point = done | {address}
            if address not in done and others <= done and point not in seen:
                seen.add(point)
                points.append(point)


def _all_earlier(address: str, depends_on: Mapping[str, Collection[str]]) -> set[str]:
    pending, earlier = [*depends_on.get(address, ())], set[str]()
    while pending:
        other = pending.pop()
        if other not in earlier:
            earlier.add(other)
            pending += depends_on.get(other, ())
    return earlier
