"""Results of a wave's planning action for the later stages of a pipeline."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import msgspec

from iot_dr.common.plain_text import plain
from iot_dr.common.regular_file import KeptFile
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.delivery.apply.plan_folder import PLAN_AGAIN, ChangedPlanError, manifest_in
from iot_dr.terraform_json.plan_manifest import PlanManifest, sha256

# All but characters that a shell, JSON and CodePipeline's `#{...}` leave unchanged.
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9 .,:;()/_+=@%*-]+")
# assumed: an approval's text may have 1,000 characters; it contains more than this.
_LONGEST_LINE: Final = 300


class UnplannedError(UserError):
    """A stack of the review has no complete plan that could be approved."""


class _Stack(msgspec.Struct, frozen=True):
    name: str
    status: str
    changes: tuple[msgspec.Raw, ...]
    outputs: tuple[msgspec.Raw, ...]


class _Review(msgspec.Struct, frozen=True):
    """The parts of a review's JSON that the variables need."""

    format: Literal[1]
    verdict: Literal["ok", "warn", "block"]
    reason: str
    stacks: tuple[_Stack, ...]


@dataclass(frozen=True, kw_only=True)
class WaveVariables:
    """Whether a wave has changes, its review's verdict, and the digest of plans and review.

    Changes are those of resources or outputs, and a stack that was left partially applied. A
    skipped wave has no changes; `ahead` then names the partially applied stack that goes first (ADR
    0020).
    """

    has_changes: bool
    ahead: str | None
    verdict: str
    reason: str
    plans_sha256: str

    @classmethod
    def read(cls, file: Path, plans: Path) -> "WaveVariables":
        """Return the variables of a review in JSON, and of the folder of its plans.

        Raises UsageError if a file cannot be read, and what `parse` raises.
        """
        return cls.parse(KeptFile.read(file), manifest_in(plans))

    @classmethod
    def parse(cls, file: KeptFile, manifest: KeptFile) -> "WaveVariables":
        """Return the variables of a review in JSON, and of the manifest of its plans.

        Raises UsageError if a file is not ours, and UnplannedError if a stack was not planned: it
        must not count as one without changes.
        """
        stacks = PlanManifest.parse(manifest).stacks
        left = [stack.name for stack in stacks if stack.was_left]
        ahead = next((stack.ahead for stack in stacks if stack.ahead), None)
        review = _decoded(file)
        if unplanned := [stack for stack in review.stacks if stack.status != "planned"]:
            statuses = ", ".join(
                f"{plain(stack.name)} is {plain(stack.status)}" for stack in unplanned
            )
            message = f"{plain(str(file.path))}: {statuses}: there is no whole plan to approve"
            raise UnplannedError(message)
        is_changed = any(stack.changes or stack.outputs for stack in review.stacks)
        has_work = is_changed or bool(left)
        half = f"{', '.join(left)}: partially applied before, completed by this apply; "
        return cls(
            has_changes=ahead is None and has_work,
            ahead=ahead if has_work else None,
            verdict=review.verdict,
            reason=_safe(f"{half if left else ''}{review.reason}"),
            plans_sha256=digest_of_plans_and_review(manifest, file),
        )

    def lines(self) -> Iterator[str]:
        """Yield `NAME=value` for each variable, quoted for a shell."""
        yield f"HAS_CHANGES={str(self.has_changes).lower()}"
        yield f"PASSED_BY={str(self.ahead is not None).lower()}"
        yield f"VERDICT={self.verdict}"
        yield f"REASON={shlex.quote(self.reason)}"
        yield f"PLANS_SHA256={self.plans_sha256}"


def _safe(text: str) -> str:
    line = " ".join(_UNSAFE.sub(" ", text).split())
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 3].rstrip()}..."


def _decoded(file: KeptFile) -> _Review:
    try:
        return msgspec.json.decode(file.content, type=_Review)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        name = plain(str(file.path))
        message = f"{name}: must be a review in JSON, written by `iot-dr review --out`"
        raise UsageError(f"{message}: {plain(str(error))}") from None


def digest_of_plans_and_review(manifest: KeptFile, review: KeptFile) -> str:
    """Return the SHA-256 of the digests of the manifest, which covers each plan, and the review."""
    digests = (sha256(manifest.content), sha256(review.content))
    return sha256(" ".join(digests).encode())


def refuse_other_plans(manifest: KeptFile, review: KeptFile, expected: str) -> None:
    """Raise ChangedPlanError unless plans and review have the digest `expected`."""
    if (digest := digest_of_plans_and_review(manifest, review)) == expected:
        return
    message = (
        f"{plain(str(manifest.path.parent))}, {plain(str(review.path))}: are not what was planned"
        f" and approved: their SHA-256 is {digest}, and {plain(expected) or 'an empty one'} was"
        f" expected; {PLAN_AGAIN}"
    )
    raise ChangedPlanError(message)
