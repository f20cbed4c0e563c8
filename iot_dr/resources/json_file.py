"""Reads a JSON file that somebody else wrote, or says what it is instead."""

import json
import math
import os
import re
import stat
from pathlib import Path
from typing import Any, Final

from iot_dr.plain_text import plain
from iot_dr.resources.json_value import Json, is_mapping, is_sequence
from iot_dr.user_error import UsageError

# A plan has about 10 KB a resource; parsed, it takes some six times its size in memory.
LARGEST: Final = 128 * 1024 * 1024
"""Bytes of the largest file that is read."""

DEEPEST: Final = 200
"""Levels of lists and objects; modules in modules and policies in plans stay below 50."""

_ARCHIVE: Final = b"PK\x03\x04"
# Possessive, so that a banner of `####` is passed over in one way only.
_HCL: Final = re.compile(
    r"(?:\s++|#[^\n]*+|//[^\n]*+|/\*.*?\*/)*+"
    r"(?:resource|data|provider|terraform|variable|module|output|locals|import|moved|removed|check"
    r"|ephemeral)\b\s*(?:[\w\"]|\{)",
    re.DOTALL,
)
_YAML: Final = re.compile(r"(?:\s++|#[^\n]*+)*+(?:---\s|[\w\"'./-]++:(?:\s|\Z)|- )")
_HOW_TO_GET_JSON: Final = (
    "plan it and show the plan: terraform plan -out plan.tfplan, then"
    " terraform show -json plan.tfplan > plan.json"
)


class JsonFileError(UsageError):
    """A file cannot be read as JSON; the message names it and says what to do."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(f"{plain(str(path))}: {message}")


def told(error: Exception) -> str:
    """Say what the system has against a path, without the path."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error).partition(":")[0]


def read_json(path: Path) -> Json:
    """Read a JSON file; raises JsonFileError for what is none, too large or too deep."""
    content = _content(path)
    if content.startswith(_ARCHIVE):
        message = f"is a plan file; show it as JSON: terraform show -json {plain(path.name)}"
        raise JsonFileError(path, message)
    try:
        document = _parsed(_decoded(path, content))
    except _RefusedError as error:
        raise JsonFileError(path, str(error)) from None
    except RecursionError:
        raise _too_deep(path) from None
    if _is_deeper(document):
        raise _too_deep(path)
    return document


class _RefusedError(ValueError):
    """JSON that Python would take, and that is not to be taken."""


def _content(path: Path) -> bytes:
    try:
        # Without blocking, so that a pipe with no writer does not hold the program up.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        raise JsonFileError(path, f"cannot be read: {told(error)}") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise JsonFileError(path, "is no regular file; write what comes out of it to one")
        if status.st_size > LARGEST:
            size, most = (f"{each / 1024**2:.0f} MiB" for each in (status.st_size, LARGEST))
            raise JsonFileError(path, f"has {size}; allowed: {most}; name the stacks one by one")
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read(LARGEST)
    except OSError as error:
        raise JsonFileError(path, f"cannot be read: {told(error)}") from None
    finally:
        os.close(descriptor)


def _decoded(path: Path, content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = "is text in UTF-16, which PowerShell's > writes; save it as UTF-8"
        raise JsonFileError(path, message)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise JsonFileError(path, "is no text in UTF-8, and so no JSON") from None
    if not text.strip():
        raise JsonFileError(path, "is empty; write the JSON into it again")
    if path.suffix == ".tf" or _HCL.match(text[:65_536]):
        raise JsonFileError(path, f"is HCL and not JSON; {_HOW_TO_GET_JSON}")
    if path.suffix in {".yaml", ".yml"} or _YAML.match(text[:65_536]):
        message = "is YAML and no Terraform JSON; if it stands beside a Terraform project"
        raise JsonFileError(path, f"{message}, {_HOW_TO_GET_JSON}")
    return text


def _parsed(text: str) -> Json:
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_float
        )
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            message = f"is cut off: the JSON ends in the middle, in line {error.lineno}"
        elif error.msg == "Extra data":
            message = f"goes on behind its JSON, in line {error.lineno}; leave one JSON value in it"
        else:
            message = f"is no JSON, in line {error.lineno}, column {error.colno}: {error.msg}"
        raise _RefusedError(message) from None
    except _RefusedError:
        raise
    except ValueError:
        # Python converts no number of more than 4300 digits.
        message = "has a number that is too long to be one of Terraform's"
        raise _RefusedError(message) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))
        message = (
            f"has the key {plain(twice)[:60]!r} twice in one object; one of them would be lost"
        )
        raise _RefusedError(message)
    return made


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        message = f"holds {digits[:60]}, which is too large to be a number of Terraform's"
        raise _RefusedError(message)
    return number


def _no_number(word: str) -> None:
    message = f"holds {word}, which is no JSON"
    raise _RefusedError(message)


def _is_deeper(document: Json) -> bool:
    level = [document]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            for inner in (each.values() if is_mapping(each) else each if is_sequence(each) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _too_deep(path: Path) -> JsonFileError:
    return JsonFileError(path, f"is nested deeper than {DEEPEST} levels, which no Terraform is")
