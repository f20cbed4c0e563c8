"""The checked-in record of an official provider's AWS calls."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from tests.support.iam import Call

FILE: Final = Path(__file__).with_name("calls.json")
PHASES: Final = ("plan", "apply")

# Values that AWS or moto generates differently each time.
_MADE_UP: Final = (
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "00000000-0000-0000-0000-000000000000"),
    (r"(?<=hostedzone/)[A-Z0-9]+|(?<=change/)[A-Z0-9]+", "Z00000000000"),
    (r"(?<=apis/)[a-z0-9]+", "a000000000"),
    (r"(?<=integrations/)[a-z0-9]+|(?<=routes/)[a-z0-9]+", "a000000"),
    (r"(domainconfiguration/[\w-]+)/\w+", r"\1/aaaaa"),
    (r"_[0-9a-f]{32}(?=\.)", f"_{'0' * 32}"),
)


@dataclass(frozen=True)
class Record:
    """Calls by stack and phase, and the versions they were recorded with."""

    provider: str
    how: str
    calls: Mapping[tuple[str, str], tuple[Call, ...]]


def read() -> Record:
    """Read the record."""
    document = json.loads(FILE.read_text(encoding="utf-8"))
    calls = {
        (stack, phase): tuple(_call(each) for each in entries)
        for stack, phases in document["calls"].items()
        for phase, entries in phases.items()
    }
    return Record(document["provider"], document["how"], calls)


def text(provider: str, how: str, calls: Mapping[tuple[str, str], Iterable[Call]]) -> str:
    """Return a record's text: each call once, on a line of its own, sorted."""
    stacks: dict[str, dict[str, list[str]]] = {}
    for (stack, phase), asked in sorted(calls.items()):
        stacks.setdefault(stack, {})[phase] = sorted(set(map(_line, asked)))
    head = json.dumps({"provider": provider, "how": how}, indent=1).removesuffix("\n}")
    return f"{head},\n{''.join(_text(stacks))}"


def _text(stacks: Mapping[str, Mapping[str, list[str]]]) -> Iterator[str]:
    yield ' "calls": {\n'
    bodies = (
        f'  "{stack}": {{\n'
        + ",\n".join(
            f'   "{phase}": [\n' + ",\n".join(f"    {line}" for line in lines) + "\n   ]"
            for phase, lines in phases.items()
        )
        + "\n  }"
        for stack, phases in stacks.items()
    )
    yield ",\n".join(bodies)
    yield "\n }\n}\n"


def _line(call: Call) -> str:
    text = json.dumps([call.action, call.resource, call.context], sort_keys=True)
    for pattern, instead in _MADE_UP:
        text = re.sub(pattern, instead, text)
    return text


def _call(entry: list[Any]) -> Call:
    action, resource, context = entry
    values: dict[str, str | tuple[str, ...]] = {
        key: tuple(cast("list[str]", value)) if isinstance(value, list) else value
        for key, value in context.items()
    }
    return Call(action, resource, values)
