"""The progress of a comparison, with which the next invocation continues it."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.registry.entity import EntityError, Kind

# More missing entities than both of these: IoT Core was emptied, rather than devices removed.
_MAX_GONE, _MAX_GONE_SHARE = 10, 0.02


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Progress of a comparison: first the count of missing entities, then the lists, then all rows.

    `counting` is true during the first phase: `own` counts the rows of this region with a state,
    and `gone` those of them whose entity is missing. In the second, `kind` and the cursor `page`
    are the position in the lists, and `done` counts the entities finished on that page. `kind` is
    None in the third. `row` is the key and region of the last row in the first and third phase.
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
        """The number of missing entities if it is implausibly high, else 0."""
        return self.gone if self.gone > max(_MAX_GONE, self.own * _MAX_GONE_SHARE) else 0

    def message(self) -> dict[str, object]:
        """Return the message body that `from_message` parses."""
        row = None if self.row is None else list(self.row)
        counted = {"counting": self.counting, "own": self.own, "gone": self.gone}
        return {"kind": self.kind, "page": self.page, "done": self.done, "row": row, **counted}

    @classmethod
    def from_message(cls, body: Mapping[str, object]) -> "Checkpoint":
        """Parse a message body; raises EntityError if it is malformed."""
        kind, page, counting = (body.get(name) for name in ("kind", "page", "counting"))
        is_valid = (
            {"kind", "page", "done", "row"} <= body.keys()
            and isinstance(counting, bool)
            and (kind is None or kind in list(Kind))
            and (page is None or isinstance(page, str))
        )
        if not is_valid:
            raise EntityError("the message is not a checkpoint of a reconciliation")
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
            raise EntityError("the message does not name a row")
