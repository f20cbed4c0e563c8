"""Reads JSON files of unknown origin, and explains why one cannot be read."""

import os
import re
from pathlib import Path
from typing import Final

from iot_dr.common.plain_text import plain
from iot_dr.common.regular_file import NotRegularError, open_regular
from iot_dr.common.terraform_binary import program
from iot_dr.common.user_error import UsageError
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.strict_json import RefusedJsonError, parsed

# A plan has about 10 KB per resource; parsed, it takes about six times its size in memory.
MAX_BYTES: Final = 128 * 1024 * 1024
"""The largest file that is read, in bytes."""

_ARCHIVE: Final = b"PK\x03\x04"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_LEAD: Final = 65_536
# Possessive quantifiers: a banner of `####` would otherwise backtrack exponentially.
_HCL: Final = re.compile(
    r"(?:\s++|#[^\n]*+|//[^\n]*+|/\*.*?\*/)*+"
    r"(?:resource|data|provider|terraform|variable|module|output|locals|import|moved|removed|check"
    r"|ephemeral)\b\s*(?:[\w\"]|\{)",
    re.DOTALL,
)
_YAML: Final = re.compile(r"(?:\s++|#[^\n]*+)*+(?:---\s|[\w\"'./-]++:(?:\s|\Z)|- )")


def show_plan() -> str:
    """Return the command that converts a plan to JSON."""
    return f"{program()} show -json plan.tfplan > plan.json"


def plan_to_json() -> str:
    """Return the commands that plan, and convert the plan to JSON."""
    return f"{program()} plan -out plan.tfplan, then {show_plan()}"


class JsonFileError(UsageError):
    """A file cannot be read as JSON; the message names the file and what to do."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(f"{plain(str(path))}: {message}")


def system_reason(error: Exception) -> str:
    """Return the operating system's reason for an error, without the path."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error).partition(":")[0]


def read_json(path: Path) -> Json:
    """Read a JSON file; raises JsonFileError if it is invalid, too large or nested too deep."""
    try:
        return parsed(read_content(path, MAX_BYTES))
    except RefusedJsonError as error:
        raise JsonFileError(path, str(error)) from None


def read_content(path: Path, largest: int) -> bytes:
    """Read a file that may be JSON, without a byte order mark.

    Raises JsonFileError if it cannot be read, is not a regular file, has more than `largest` bytes,
    is empty, or has another format by its content or name.
    """
    content = _content(path, largest)
    try:
        return json_content(content, path)
    except RefusedJsonError as error:
        raise JsonFileError(path, str(error)) from None


def json_content(content: bytes, path: Path) -> bytes:
    """Return the content of the file `path` without its byte order mark.

    Raises RefusedJsonError if it is empty, or has another format than JSON by its first bytes or
    the file's name.
    """
    if content.startswith(_ARCHIVE):
        message = f"is a binary plan; convert it: {program()} show -json {plain(path.name)}"
        raise RefusedJsonError(message)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = "is encoded in UTF-16, as PowerShell's > writes it; save it as UTF-8"
        raise RefusedJsonError(message)
    content = content.removeprefix(_BYTE_ORDER_MARK)
    lead = content[:_LEAD].decode(errors="replace")
    if not lead.strip() and not content.strip():
        raise RefusedJsonError("is empty; write the JSON again")
    if path.suffix == ".tf" or _HCL.match(lead):
        raise RefusedJsonError(f"is HCL, not JSON; convert a plan: {plan_to_json()}")
    if path.suffix in {".yaml", ".yml"} or _YAML.match(lead):
        message = "is YAML, not Terraform JSON; in a Terraform project"
        raise RefusedJsonError(f"{message}, convert a plan: {plan_to_json()}")
    return content


def _content(path: Path, largest: int) -> bytes:
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > largest:
                # Rounded up, so that the size never prints as equal to the limit.
                has, most = (f"{-(-each // 1024**2)} MiB" for each in (size, largest))
                message = f"has {has}; at most {most} allowed; pass stacks one by one"
                raise JsonFileError(path, message)
            return file.read(size)
    except NotRegularError:
        raise JsonFileError(path, "is not a regular file; write its output to one") from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise JsonFileError(path, f"cannot be read: {system_reason(error)}") from None
