"""Parses JSON, and refuses what Python takes and Terraform never writes."""

import json
import math
from typing import Any, Final

from iot_dr.common.plain_text import plain
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence

DEEPEST: Final = 200
"""Levels of lists and objects; modules in modules and policies in plans stay below 50."""

CUT_OFF: Final = "is cut off: the JSON ends in the middle, in line {line}"
GOES_ON: Final = "goes on behind its JSON, in line {line}; leave one JSON value in it"
NO_JSON: Final = "is no JSON, in line {line}, column {column}: {problem}"
TOO_DEEP: Final = f"is nested deeper than {DEEPEST} levels, which no Terraform is"
NO_UTF_8: Final = "is no text in UTF-8, and so no JSON"


class RefusedJsonError(ValueError):
    """A text is not to be taken; the message says why, in words that follow a file's name."""


def parsed(text: str) -> Json:
    """Parse a text.

    Raises RefusedJsonError for what is no JSON, holds a key twice, or is nested too deep.
    """
    try:
        document = json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_float
        )
    except json.JSONDecodeError as error:
        raise RefusedJsonError(_problem(text, error)) from None
    except RefusedJsonError:
        raise
    except RecursionError:
        raise RefusedJsonError(TOO_DEEP) from None
    except ValueError:
        # Python converts no number of more than 4300 digits.
        message = "has a number that is too long to be one of Terraform's"
        raise RefusedJsonError(message) from None
    refuse_deeper(document)
    return document


def refuse_deeper(document: Json) -> None:
    """Raise RefusedJsonError when a value is nested deeper than any of Terraform's."""
    level = [document]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            for inner in (each.values() if is_mapping(each) else each if is_sequence(each) else ())
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return
    raise RefusedJsonError(TOO_DEEP)


def refuse_twice(key: str) -> None:
    """Raise RefusedJsonError for a key that an object has a second time."""
    message = f"has the key {plain(key)[:60]!r} twice in one object; one of them would be lost"
    raise RefusedJsonError(message)


def _problem(text: str, error: json.JSONDecodeError) -> str:
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return CUT_OFF.format(line=error.lineno)
    if error.msg == "Extra data":
        return GOES_ON.format(line=error.lineno)
    return NO_JSON.format(line=error.lineno, column=error.colno, problem=error.msg)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        refuse_twice(next(name for name, _ in pairs if name in seen or seen.add(name)))
    return made


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        message = f"holds {digits[:60]}, which is too large to be a number of Terraform's"
        raise RefusedJsonError(message)
    return number


def _no_number(word: str) -> None:
    message = f"holds {word}, which is no JSON"
    raise RefusedJsonError(message)
