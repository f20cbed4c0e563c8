"""The JSON messages that Terraform's commands print with `-json`, one a line.

Source: developer.hashicorp.com/terraform/internals/machine-readable-ui.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

_BEGUN = frozenset(("apply_start", "refresh_start"))
_ENDED = frozenset(("apply_complete", "apply_errored", "refresh_complete"))


def messages_in(output: str) -> Iterator[Mapping[str, Any]]:
    """Yield the messages; other lines, and one cut off by Terraform's death, are ignored."""
    for line in output.splitlines():
        try:
            message: Any = json.loads(line)
        except ValueError:
            continue
        if isinstance(message, dict):
            yield message


def unfinished_in(output: str) -> tuple[str, ...]:
    """Return the addresses of resources whose operation started and did not end."""
    open_: dict[str, None] = {}
    for message in messages_in(output):
        kind = message.get("type")
        if kind in _BEGUN:
            open_[message["hook"]["resource"]["addr"]] = None
        elif kind in _ENDED:
            open_.pop(message["hook"]["resource"]["addr"], None)
    return tuple(open_)


def readable(output: str) -> str:
    """Return the output with the text of each message, and a diagnostic's detail, for its JSON."""
    return "\n".join(_text(line) for line in output.splitlines())


def _text(line: str) -> str:
    message = next(messages_in(line), {})
    diagnostic: Mapping[str, Any] | None = message.get("diagnostic")
    if diagnostic:
        return f"{message['@message']}\n{diagnostic.get('detail', '')}".rstrip()
    return str(message.get("@message", line))
