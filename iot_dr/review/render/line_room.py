"""Whose differences are shown where there is no room for all."""

from collections.abc import Sequence

from iot_dr.review.read.stack_review import OutputChange, ResourceChange
from iot_dr.review.render.diff_lines import Extent, cut_lines
from iot_dr.review.render.stack_parts import differences, rank

Changes = Sequence[ResourceChange | OutputChange]


def most_important(
    stacks: Sequence[Changes], extent: Extent, lines: int
) -> frozenset[tuple[int, int]]:
    """Choose changes, by stack and number, whose differences have so many lines together.

    The most important come first, whatever their stack; behind the last none is read.
    """
    places = ((at, number) for at, changes in enumerate(stacks) for number in range(len(changes)))
    chosen: list[tuple[int, int]] = []
    for at, number in sorted(places, key=lambda place: rank(stacks[place[0]][place[1]])):
        told, _ = cut_lines(differences(stacks[at][number]), extent)
        lines -= len(told)
        if lines < 0:
            break
        chosen.append((at, number))
    return frozenset(chosen)
