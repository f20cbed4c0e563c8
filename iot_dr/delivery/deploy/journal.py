"""Progress of each stack while cdktf runs, read from the launcher's run files."""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, cast

from iot_dr.delivery.deploy.launcher import RunFile
from iot_dr.delivery.stack_plan import Phase, StackChanges
from iot_dr.terraform.diagnostic import Diagnostic, TerraformError
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform.schedule import Done, Failed, Outcome, Waiting
from iot_dr.terraform_json.change import Action, PlannedAction
from stacks.graph import StackNode

LAST_LINES: Final = 20
"""Lines of a command's output that an error has."""


class Progress(Protocol):
    """Displays the progress of stacks during a `with` block."""

    def shown(self) -> AbstractContextManager[object]:
        """Display the progress until the block ends."""
        ...

    def phase(self, node: StackNode, phase: Phase) -> None:
        """Report what is being done to a stack."""
        ...

    def outcome(self, outcome: Outcome[StackChanges]) -> None:
        """Report how the work on a stack ended."""
        ...


@dataclass
class Journal:
    """Terraform's runs on `nodes`, read from `folder` and reported as they start and end.

    `killed` names the stacks whose run was killed, `warnings` are Terraform's, by stack.
    """

    folder: Path
    nodes: Sequence[StackNode]
    log: RunLog
    progress: Progress
    killed: list[str] = field(default_factory=list[str])
    warnings: list[tuple[str, Diagnostic]] = field(default_factory=list[tuple[str, Diagnostic]])
    _ended: dict[str, Outcome[StackChanges]] = field(
        default_factory=dict[str, Outcome[StackChanges]]
    )
    _lines: deque[str] = field(default_factory=lambda: deque[str](maxlen=LAST_LINES))

    def line(self, text: str) -> None:
        """Record a line of cdktf; the launcher makes it print one when a run starts or ends."""
        self._lines.append(text)
        self.log.write(text)
        self.update()

    def update(self) -> None:
        """Report running and ended runs of Terraform to `progress`; remove files of ended ones."""
        for run in RunFile.all_in(self.folder):
            node = self._by_name.get(run.stack)
            if run.status is not None:
                self._end(run, node)
            elif node:
                self.progress.phase(node, cast("Phase", run.command))

    def close(self) -> None:
        """Report the remaining runs, those without an end as killed; no Terraform runs any more."""
        self.update()
        for run in RunFile.all_in(self.folder):
            self._end(run, self._by_name.get(run.stack))

    @property
    def outcomes(self) -> list[Outcome[StackChanges]]:
        """The outcomes in the order of `nodes`.

        A stack without one waits for those that failed, or for `cdktf` if none did.
        """
        failed = tuple(name for name, each in self._ended.items() if isinstance(each, Failed))
        blockers = failed or ("cdktf",)
        return [
            self._ended.get(node.name, Waiting(node=node, waits_for=blockers))
            for node in self.nodes
        ]

    @property
    def last_lines(self) -> str:
        """The last lines that cdktf printed."""
        return "\n".join(self._lines)

    @property
    def _by_name(self) -> Mapping[str, StackNode]:
        return {node.name: node for node in self.nodes}

    def _end(self, run: RunFile, node: StackNode | None) -> None:
        output = colourless(run.path.read_text(encoding="utf-8", errors="replace"))
        run.path.unlink()
        self.log.note(run.stack, run.command, output)
        if run.was_killed:
            self.killed.append(run.stack)
        diagnostics = printed_diagnostics(output)
        self.warnings += [(run.stack, each) for each in diagnostics if each.severity == "warning"]
        if node is None:
            return
        if run.status != 0:
            errors = tuple(each for each in diagnostics if each.severity == "error")
            self._note(Failed(node=node, error=_error(run, errors, output)))
        elif run.command != "init":
            self._note(
                Done(
                    node=node,
                    result=StackChanges(
                        node=node,
                        changes=printed_changes(output),
                        outputs=printed_output_changes(output),
                    ),
                )
            )

    def _note(self, outcome: Outcome[StackChanges]) -> None:
        self._ended[outcome.node.name] = outcome
        self.progress.outcome(outcome)


def _error(run: RunFile, errors: tuple[Diagnostic, ...], output: str) -> TerraformError:
    last = "\n".join(output.splitlines()[-LAST_LINES:])
    if run.was_killed:
        last = f"it was killed; what it printed at last:\n{last}"
    return TerraformError(run.command, run.status or 1, errors, last)


# What Terraform prints of an apply for people. cdktf starts Terraform without `-json`, and the full
# log shows each attribute that changes, which the messages of `-json` do not have. The forms are of
# `internal/command/jsonformat` and `internal/command/format` in Terraform 1.10 to 1.14 and in
# OpenTofu 1.10; the tests compare the changes read here with those of the same plan in JSON.
_COLOUR = re.compile(r"\x1b\[[\d;]*m")

_VERBS: Final = {
    "will be created": Action.CREATE,
    "will be updated in-place": Action.UPDATE,
    "must be replaced": Action.REPLACE,
    "will be replaced": Action.REPLACE,
    "is tainted, so must be replaced": Action.REPLACE,
    "will be destroyed": Action.DESTROY,
    "will no longer be managed by Terraform": Action.FORGET,
    "will be removed from the OpenTofu state": Action.FORGET,
}
_RESOURCE = re.compile(
    rf"^ {{1,2}}# (?P<address>\S.*?)(?: \(deposed object \w+\))? (?P<verb>{'|'.join(_VERBS)})\b",
    re.MULTILINE,
)

_SIGNS: Final = {"+": Action.CREATE, "~": Action.UPDATE, "-": Action.DESTROY}
_OUTPUTS = re.compile(r"^Changes to Outputs:\n(?P<lines>(?:  .*\n)+)", re.MULTILINE)
_OUTPUT = re.compile(r"^  (?P<sign>[-+~]) (?P<name>\S+)\s+= ", re.MULTILINE)

_BOX = re.compile(r"^╷\n(?P<lines>(?:│.*\n)+)╵$", re.MULTILINE)
_SEVERITY = re.compile(r"(?P<severity>Error|Warning): (?P<summary>.*)")
_ADDRESS = re.compile(r"^  with (?P<address>\S+),\n", re.MULTILINE)


def colourless(output: str) -> str:
    """Return the text without the escape sequences of colours."""
    return _COLOUR.sub("", output)


def printed_changes(output: str) -> tuple[PlannedAction, ...]:
    """Return the changes of resources, in the order in which they are printed."""
    return tuple(
        PlannedAction(match["address"], _VERBS[match["verb"]])
        for match in _RESOURCE.finditer(output)
    )


def printed_output_changes(output: str) -> tuple[PlannedAction, ...]:
    """Return the changes of outputs; nested values are indented deeper than their output."""
    sections = _OUTPUTS.search(output)
    return tuple(
        PlannedAction(f"output.{match['name']}", _SIGNS[match["sign"]])
        for match in _OUTPUT.finditer(sections["lines"] if sections else "")
    )


def printed_diagnostics(output: str) -> tuple[Diagnostic, ...]:
    """Return errors and warnings, each once: a plan's warnings appear in its apply again."""
    return tuple(dict.fromkeys(_diagnostics(output)))


def _diagnostics(output: str) -> Iterator[Diagnostic]:
    for box in _BOX.finditer(output):
        text = re.sub("^│ ?", "", box["lines"], flags=re.MULTILINE)
        title, _, detail = text.partition("\n")
        if match := _SEVERITY.fullmatch(title.rstrip()):
            address = _ADDRESS.search(detail)
            yield Diagnostic.from_json(
                {
                    "severity": match["severity"].lower(),
                    "summary": match["summary"],
                    "detail": _ADDRESS.sub("", detail).strip("\n"),
                    "address": address and address["address"],
                }
            )
