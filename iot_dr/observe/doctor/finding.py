"""The findings of a check."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "missing", "later", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFinding:
    """One fact about an account; `region` is "" for a fact about all regions.

    `later` is something that a deploy creates. A finding that is `missing` has a `remedy`, a
    sentence, and the `commands` that carry it out; `blocks` if a deploy would fail without it, or
    would stop the replication of device data.
    `unknown` says why it could not be checked.
    """

    status: Status
    message: str
    region: str = ""
    remedy: str = ""
    commands: tuple[str, ...] = ()
    blocks: bool = False


def ok(message: str, region: str = "") -> AccountFinding:
    """Return the finding that nothing is missing."""
    return AccountFinding(status="ok", message=message, region=region)


def later(message: str, remedy: str = "", *commands: str, region: str = "") -> AccountFinding:
    """Return the finding that a deploy creates what is missing, and what helps if it cannot."""
    return AccountFinding(
        status="later", message=message, region=region, remedy=remedy, commands=commands
    )


def unknown(reason: object, region: str = "") -> AccountFinding:
    """Return the finding that a check was not possible, with an error or another reason."""
    return AccountFinding(status="unknown", message=" ".join(str(reason).split()), region=region)


def missing(
    message: str, remedy: str, *commands: str, region: str = "", blocks: bool = False
) -> AccountFinding:
    """Return the finding that something is missing, and what to do about it."""
    return AccountFinding(
        status="missing",
        message=message,
        region=region,
        remedy=remedy,
        commands=commands,
        blocks=blocks,
    )
