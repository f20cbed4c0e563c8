"""Reads a JSON file that somebody else wrote, or says what it is instead."""

import os
import re
import stat
from pathlib import Path
from typing import Final

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.strict_json import RefusedJsonError, parsed

# A plan has about 10 KB a resource; parsed, it takes some six times its size in memory.
MAX_BYTES: Final = 128 * 1024 * 1024
"""Bytes of the largest file that is read."""

_ARCHIVE: Final = b"PK\x03\x04"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_LEAD: Final = 65_536
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


def system_reason(error: Exception) -> str:
    """Say what the system has against a path, without the path."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error).partition(":")[0]


def read_json(path: Path) -> Json:
    """Read a JSON file; raises JsonFileError for what is none, too large or too deep."""
    try:
        return parsed(read_content(path, MAX_BYTES))
    except RefusedJsonError as error:
        raise JsonFileError(path, str(error)) from None


def read_content(path: Path, largest: int) -> bytes:
    """Read what may be JSON, without a byte order mark; `largest` is in bytes.

    Raises JsonFileError for what is too large, or something else by its first bytes or its name.
    """
    content = _content(path, largest)
    try:
        return json_content(content, path)
    except RefusedJsonError as error:
        raise JsonFileError(path, str(error)) from None


def json_content(content: bytes, path: Path) -> bytes:
    """Give what may be JSON without a byte order mark; `path` is where it came from.

    Raises RefusedJsonError for what is something else by its first bytes or its name.
    """
    if content.startswith(_ARCHIVE):
        message = f"is a plan file; show it as JSON: terraform show -json {plain(path.name)}"
        raise RefusedJsonError(message)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = "is text in UTF-16, which PowerShell's > writes; save it as UTF-8"
        raise RefusedJsonError(message)
    content = content.removeprefix(_BYTE_ORDER_MARK)
    lead = content[:_LEAD].decode(errors="replace")
    if not lead.strip() and not content.strip():
        raise RefusedJsonError("is empty; write the JSON into it again")
    if path.suffix == ".tf" or _HCL.match(lead):
        raise RefusedJsonError(f"is HCL and not JSON; {_HOW_TO_GET_JSON}")
    if path.suffix in {".yaml", ".yml"} or _YAML.match(lead):
        message = "is YAML and no Terraform JSON; if it stands beside a Terraform project"
        raise RefusedJsonError(f"{message}, {_HOW_TO_GET_JSON}")
    return content


def _content(path: Path, largest: int) -> bytes:
    try:
        # Without blocking, so that a pipe with no writer does not hold the program up.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        raise JsonFileError(path, f"cannot be read: {system_reason(error)}") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise JsonFileError(path, "is no regular file; write what comes out of it to one")
        if status.st_size > largest:
            # Rounded up, so that it never looks like what is allowed.
            size, most = (f"{-(-each // 1024**2)} MiB" for each in (status.st_size, largest))
            raise JsonFileError(path, f"has {size}; allowed: {most}; name the stacks one by one")
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read(status.st_size)
    except OSError as error:
        raise JsonFileError(path, f"cannot be read: {system_reason(error)}") from None
    finally:
        os.close(descriptor)
