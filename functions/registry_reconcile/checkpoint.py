"""The progress of a comparison, with which the next invocation continues it."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.registry.entity import EntityError, Kind

# More missing entities than both of these: IoT Core was emptied, rather than devices removed.
_MAX_GONE, _MAX_GONE_SHARE = 10, 0.02
_COUNTS = ("entities", "own", "known")


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Progress of a comparison: first the lists, then a count of the rows, then all rows.

    In the first phase `kind` and the cursor `page` are the position in the lists, and `done` counts
    the entities finished on that page. `kind` is None in the others, of which `counting` says that
    the first is not done. `row` is the key and region of the last row in these. `run` is when the
    comparison began, in milliseconds: it identifies it. `step` counts its invocations, from 0.

    `entities` counts the region's rows with a state, `own` those of them that are older than the
    run and not of shadows, which no list names, and `known` those that lists have named.
    """

    run: int = 0
    step: int = 0
    counting: bool = True
    entities: int = 0
    own: int = 0
    known: int = 0

    kind: Kind | None = Kind.THING_TYPE
    page: str | None = None
    done: int = 0
    row: tuple[str, str] | None = None

    @property
    def gone(self) -> int:
        """The number of entities that no list has named."""
        return max(0, self.own - self.known)

    @property
    def withheld(self) -> int:
        """The number of missing entities if it is implausibly high, else 0."""
        return self.gone if self.gone > max(_MAX_GONE, self.own * _MAX_GONE_SHARE) else 0

    def message(self) -> dict[str, object]:
        """Return the message body that `from_message` parses."""
        row = None if self.row is None else list(self.row)
        counted = {name: getattr(self, name) for name in ("run", "step", "counting", *_COUNTS)}
        return {"kind": self.kind, "page": self.page, "done": self.done, "row": row, **counted}

    @classmethod
    def from_message(cls, body: Mapping[str, object]) -> "Checkpoint":
        """Parse a message body; raises EntityError if it is malformed.

        One of an older release begins again.
        """
        if "gone" in body:
            return cls()
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
            run=_count(body, "run"),
            # Messages of older releases have none.
            step=_count(body, "step") if "step" in body else 0,
            **{name: _count(body, name) for name in _COUNTS},
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
