"""A step of an acceptance run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from iot_dr.acceptance.journal import Journal
from iot_dr.acceptance.tools import RunTools

Evidence = Mapping[str, str]
"""What a step observed, keyed by a word for it; published in the transcript, never a secret."""


class SkippedError(Exception):
    """The step has nothing to do in this environment; the message says why."""


@dataclass(frozen=True)
class Step:
    """What a step does, what must be true at its end, and the minutes that it is assumed to take.

    `work` raises SkippedError, or any other error if it fails. A step during which devices are
    directed away has `again_from`: its failure is undone, and the next run resumes at that step.
    """

    name: str
    does: str
    verifies: str
    minutes: float
    work: Callable[[RunTools, Journal], Evidence]
    again_from: str | None = None
