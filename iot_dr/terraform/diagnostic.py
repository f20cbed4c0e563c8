"""Terraform's diagnostics."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from iot_dr.common.terraform_binary import REGISTRIES, program_name
from iot_dr.terraform.json_lines import messages_in

# Terraform's and OpenTofu's own words. The advice after them is dropped: it leads to `-lock=false`.
_LOCKED = "Error acquiring the state lock"
_LOCK_ADVICE = re.compile(r"\n\n\w+ acquires a state lock")

_BLOCK = re.compile(r"(?:resource\.|(?P<data>data\.))(?P<address>[\w-]+\.[\w-]+)")

# Terraform's own words, of `init`: internal/initwd/module_install.go.
_MODULE_SOURCE = re.compile(
    "Error accessing remote module registry|Failed to download module|Could not download module"
)
# internal/getproviders, of a mirror that is the only installation method.
_NO_PROVIDER = re.compile(
    rf"provider\s+(?:{'|'.join(map(re.escape, REGISTRIES))})/(\S+)\s+was\s+not\s+found\s+in\s+any"
)

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """An error or warning of Terraform, with its place in the configuration."""

    severity: Severity
    summary: str
    detail: str = ""
    address: str | None = None
    file: str | None = None
    line: int | None = None
    context: str | None = None
    code: str | None = None

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Diagnostic":
        """Parse a diagnostic of `validate -json` or of another command's JSON lines."""
        place: Mapping[str, Any] = document.get("range") or {}
        snippet: Mapping[str, Any] = document.get("snippet") or {}
        context: str | None = snippet.get("context")
        return cls(
            severity=document["severity"],
            summary=document["summary"],
            detail=_detail(document),
            address=document.get("address") or _address_in(context),
            file=place.get("filename"),
            line=place.get("start", {}).get("line"),
            context=context,
            code=(snippet.get("code") or "").strip() or None,
        )

    def __str__(self) -> str:
        title = f"{self.severity.capitalize()}: {self.summary}"
        place = f"{self.file}:{self.line}" if self.file else None
        # A context with more than the address names a nested block of the resource.
        is_redundant = bool(self.address and (self.context or "").endswith(self.address))
        context = None if is_redundant else self.context
        where = ", ".join(part for part in (self.address, place, context) if part)
        parts = (title, f"  on {where}" if where else "", self._quoted(), self.detail)
        return "\n".join(part for part in parts if part)

    def _quoted(self) -> str:
        return f"  {self.line}: {self.code}" if self.code else ""


def init_diagnostics(output: str) -> Iterator[Diagnostic]:
    """Yield the diagnostics of `init`; those about sources that are not there become one line."""
    for diagnostic in diagnostics_in(output):
        place = f"{diagnostic.file}:{diagnostic.line}: " if diagnostic.file else ""
        if _MODULE_SOURCE.search(diagnostic.summary):
            name = re.search(r'module "([^"]+)"', diagnostic.detail) or ("", "")
            message = (
                f"{place}module {name[1]}: its source cannot be read; it needs"
                " the network: copy the module into the project, and name its folder"
            )
            yield Diagnostic("error", message)
        elif provider := _NO_PROVIDER.search(diagnostic.detail):
            message = (
                f"{place}the stand-in has no provider {provider[1]}; plan with PROVIDER=aws, or use"
                " hashicorp/aws only"
            )
            yield Diagnostic("error", message)
        else:
            yield diagnostic


def _detail(document: Mapping[str, Any]) -> str:
    detail: str = document.get("detail", "")
    return _LOCK_ADVICE.split(detail)[0].rstrip() if document["summary"] == _LOCKED else detail


def _address_in(context: str | None) -> str | None:
    """Return the address of the resource or data source in `context`; None for another block.

    Errors against the schema have this context only, and no address.
    """
    match = _BLOCK.match(context or "")
    return f"{match['data'] or ''}{match['address']}" if match else None


def diagnostics_in(output: str) -> Iterator[Diagnostic]:
    """Yield the diagnostics in a command's JSON lines; other lines are ignored."""
    for message in messages_in(output):
        if "diagnostic" in message:
            yield Diagnostic.from_json(message["diagnostic"])


class TerraformError(Exception):
    """A Terraform command failed; the message has its diagnostics, or its output without any."""

    def __init__(
        self, command: str, status: int, diagnostics: tuple[Diagnostic, ...], output: str
    ) -> None:
        self.command = command
        self.status = status
        self.diagnostics = diagnostics
        self.output = output
        parts = [str(diagnostic) for diagnostic in diagnostics] or [output.strip()]
        super().__init__("\n\n".join([f"{program_name()} {command} failed ({status})", *parts]))

    @property
    def is_locked(self) -> bool:
        """Whether the command failed because the state is locked."""
        return any(each.summary == _LOCKED for each in self.diagnostics)
