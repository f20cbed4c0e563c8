"""A step of an acceptance run."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from iot_dr.acceptance.journal import AcceptanceJournal
from iot_dr.acceptance.tools import RunTools

Evidence = Mapping[str, str]
"""Observations of a step by name; published in the transcript, so never secret."""


class SkippedError(Exception):
    """The step does not apply to this environment; the message says why."""


@dataclass(frozen=True)
class Step:
    """A step: its action, the condition that it verifies, and its assumed minutes.

    `work` raises SkippedError, or any other error if the step fails. A step during which
    devices may be away has `restart_from`: after its failure the primary is switched back, and the
    next run resumes at that step. `removal_commands` are the AWS CLI commands that remove what an
    interrupted step keeps to be resumed.
    """

    name: str
    action: str
    verifies: str
    minutes: float
    work: Callable[[RunTools, AcceptanceJournal], Evidence]
    restart_from: str | None = None
    removal_commands: Callable[[RunTools], Iterable[str]] | None = None
