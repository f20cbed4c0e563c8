"""Terraform's own diagnostics, kept whole."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One error or warning, with the place in the configuration where Terraform tells it."""

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
        """Read a diagnostic of `validate -json` or of the other commands' JSON lines."""
        place: Mapping[str, Any] = document.get("range") or {}
        snippet: Mapping[str, Any] = document.get("snippet") or {}
        return cls(
            severity=document["severity"],
            summary=document["summary"],
            detail=document.get("detail", ""),
            address=document.get("address"),
            file=place.get("filename"),
            line=place.get("start", {}).get("line"),
            context=snippet.get("context"),
            code=(snippet.get("code") or "").strip() or None,
        )

    def __str__(self) -> str:
        title = f"{self.severity.capitalize()}: {self.summary}"
        place = f"{self.file}:{self.line}" if self.file else None
        where = ", ".join(part for part in (self.address, place, self.context) if part)
        parts = (title, f"  on {where}" if where else "", self._quoted(), self.detail)
        return "\n".join(part for part in parts if part)

    def _quoted(self) -> str:
        return f"  {self.line}: {self.code}" if self.code else ""


def diagnostics_in(output: str) -> Iterator[Diagnostic]:
    """Pick the diagnostics out of a command's JSON lines; other lines are passed over."""
    for line in filter(lambda line: line.startswith("{"), output.splitlines()):
        message: Mapping[str, Any] = json.loads(line)
        if "diagnostic" in message:
            yield Diagnostic.from_json(message["diagnostic"])


class TerraformError(Exception):
    """A Terraform command failed; its diagnostics are kept, and shown whole."""

    def __init__(
        self, command: str, status: int, diagnostics: tuple[Diagnostic, ...], output: str
    ) -> None:
        self.command = command
        self.status = status
        self.diagnostics = diagnostics
        self.output = output
        told = [str(diagnostic) for diagnostic in diagnostics] or [output.strip()]
        super().__init__("\n\n".join([f"terraform {command} failed ({status})", *told]))
