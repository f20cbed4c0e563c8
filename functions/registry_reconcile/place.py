"""How far a comparison has come, so that the next run goes on there."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.registry.entity import EntityError, Kind

# More than either is taken for an IoT Core that was emptied, not for a fleet that shrank.
_FEW_GONE, _SHARE_GONE = 10, 0.02


@dataclass(frozen=True, kw_only=True)
class Place:
    """In the lists of entities a kind and a page's cursor, and then the last row of the table.

    First the rows are counted: `own` are those of this region with a state, and `gone` those of
    them whose entity is not there. Then `kind` is None when the lists are done, and `done` is how
    many entities of the page are. `row` is the key and the region of the last row.
    """

    counting: bool = True
    own: int = 0
    gone: int = 0

    kind: Kind | None = Kind.THING_TYPE
    page: str | None = None
    done: int = 0
    row: tuple[str, str] | None = None

    @property
    def withheld(self) -> int:
        """Give how many entities are gone where these are too many to believe that; else 0."""
        return self.gone if self.gone > max(_FEW_GONE, self.own * _SHARE_GONE) else 0

    def message(self) -> dict[str, object]:
        """Give the body of a message, which `of` reads."""
        row = None if self.row is None else list(self.row)
        counted = {"counting": self.counting, "own": self.own, "gone": self.gone}
        return {"kind": self.kind, "page": self.page, "done": self.done, "row": row, **counted}

    @classmethod
    def of(cls, body: Mapping[str, object]) -> "Place":
        """Read a message's body; raises EntityError when it is no place."""
        kind, page, counting = (body.get(name) for name in ("kind", "page", "counting"))
        right = (
            {"kind", "page", "done", "row"} <= body.keys()
            and isinstance(counting, bool)
            and (kind is None or kind in list(Kind))
            and (page is None or isinstance(page, str))
        )
        if not right:
            raise EntityError("the message is no place in a comparison")
        return cls(
            kind=None if kind is None else Kind(str(kind)),
            page=page,
            done=_count(body, "done"),
            row=_row(body["row"]),
            counting=counting,
            own=_count(body, "own"),
            gone=_count(body, "gone"),
        )


def _count(body: Mapping[str, object], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise EntityError(f"the message has no number {name}")
    return value


def _row(value: object) -> tuple[str, str] | None:
    match value:
        case None:
            return None
        case [str(entity), str(region)]:
            return entity, region
        case _:
            raise EntityError("the message names no row")
