"""What Terraform does to each stack while cdktf runs, from the files that its launcher leaves."""

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
from iot_dr.terraform_json.change import Action, Change
from stacks.graph import StackNode

_LAST_LINES: Final = 20


class Progress(Protocol):
    """Shows how the stacks go on, for the length of a `with` block."""

    def shown(self) -> AbstractContextManager[object]:
        """Begin to show, and end with the block."""
        ...

    def phase(self, node: StackNode, phase: Phase) -> None:
        """Take what is being done to a stack."""
        ...

    def outcome(self, outcome: Outcome[StackChanges]) -> None:
        """Take how the work on a stack ended."""
        ...


@dataclass
class Journal:
    """The runs of Terraform in `folder` on the stacks `nodes`, reported as they begin and end.

    `killed` names the stacks at which a run was killed.
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
    _lines: deque[str] = field(default_factory=lambda: deque[str](maxlen=_LAST_LINES))

    def line(self, text: str) -> None:
        """Note a line of cdktf, which the launcher makes it print when a run begins or ends."""
        self._lines.append(text)
        self.log.write(text)
        self.update()

    def update(self) -> None:
        """Look which runs have begun and ended."""
        for run in RunFile.all_in(self.folder):
            node = self._by_name.get(run.stack)
            if run.status is not None:
                self._end(run, node)
            elif node:
                self.progress.phase(node, cast("Phase", run.command))

    def close(self) -> None:
        """Note what has ended since, and as failed what was killed; no Terraform runs any more."""
        self.update()
        for run in RunFile.all_in(self.folder):
            self._end(run, self._by_name.get(run.stack))

    @property
    def outcomes(self) -> list[Outcome[StackChanges]]:
        """How each stack ended, in the order of `nodes`; the rest waits for those that failed."""
        failed = tuple(name for name, each in self._ended.items() if isinstance(each, Failed))
        held_by = failed or ("cdktf",)
        return [
            self._ended.get(node.name, Waiting(node=node, waits_for=held_by)) for node in self.nodes
        ]

    @property
    def last_lines(self) -> str:
        """What cdktf printed at last."""
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
        found = printed_diagnostics(output)
        self.warnings += [(run.stack, each) for each in found if each.severity == "warning"]
        if node is None:
            return
        if run.status != 0:
            errors = tuple(each for each in found if each.severity == "error")
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
    last = "\n".join(output.splitlines()[-_LAST_LINES:])
    if run.was_killed:
        last = f"it was killed; what it printed at last:\n{last}"
    return TerraformError(run.command, run.status or 1, errors, last)


# What Terraform prints of an apply for people. cdktf starts Terraform without `-json`, and the full
# log shows each attribute that changes, which the messages of `-json` do not have. The forms are of
# `internal/command/jsonformat` and `internal/command/format` in Terraform 1.10 to 1.14; the tests
# compare the changes read here with those of the same plan in JSON.
_COLOUR = re.compile(r"\x1b\[[\d;]*m")

_VERBS: Final = {
    "will be created": Action.CREATE,
    "will be updated in-place": Action.UPDATE,
    "must be replaced": Action.REPLACE,
    "will be replaced": Action.REPLACE,
    "is tainted, so must be replaced": Action.REPLACE,
    "will be destroyed": Action.DESTROY,
    "will no longer be managed by Terraform": Action.FORGET,
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
    """Return the text without the sequences that colour it on a terminal."""
    return _COLOUR.sub("", output)


def printed_changes(output: str) -> tuple[Change, ...]:
    """Return the changes to resources, in the order in which they are printed."""
    return tuple(
        Change(found["address"], _VERBS[found["verb"]]) for found in _RESOURCE.finditer(output)
    )


def printed_output_changes(output: str) -> tuple[Change, ...]:
    """Return the changes to outputs; those of a value are indented deeper than the output."""
    sections = _OUTPUTS.search(output)
    return tuple(
        Change(f"output.{found['name']}", _SIGNS[found["sign"]])
        for found in _OUTPUT.finditer(sections["lines"] if sections else "")
    )


def printed_diagnostics(output: str) -> tuple[Diagnostic, ...]:
    """Return errors and warnings whole, each once: a plan's warning comes again with its apply."""
    return tuple(dict.fromkeys(_diagnostics(output)))


def _diagnostics(output: str) -> Iterator[Diagnostic]:
    for box in _BOX.finditer(output):
        text = re.sub("^│ ?", "", box["lines"], flags=re.MULTILINE)
        title, _, detail = text.partition("\n")
        if found := _SEVERITY.fullmatch(title.rstrip()):
            address = _ADDRESS.search(detail)
            yield Diagnostic.from_json(
                {
                    "severity": found["severity"].lower(),
                    "summary": found["summary"],
                    "detail": _ADDRESS.sub("", detail).strip("\n"),
                    "address": address and address["address"],
                }
            )
