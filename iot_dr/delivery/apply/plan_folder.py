"""Plans in a folder, and the checks before any of them is applied."""

import io
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from iot_dr.common.output_folder import MANIFEST
from iot_dr.common.plain_text import plain
from iot_dr.common.regular_file import KeptFile, content_of
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.terraform_json.files import STACK_FILE
from iot_dr.terraform_json.plan_manifest import (
    PlanManifest,
    PlannedStack,
    manifest_file,
    sha256,
)
from iot_dr.terraform_json.provider_choice import Provider
from iot_dr.terraform_json.strict_json import parsed

# A plan file is a zip that contains its configuration: hashicorp/terraform,
# `internal/plans/planfile/config_snapshot.go`.
_SNAPSHOT: Final = "tfconfig/"
_CONFIGURATION: Final = f"{_SNAPSHOT}m-/{STACK_FILE}"
_MODULES: Final = f"{_SNAPSHOT}modules.json"
_ROOT_ALONE: Final = [{"Key": "", "Dir": "."}]
PLAN_AGAIN: Final = "plan and review again"
"""The advice that most messages end with."""


class PlanTargetMismatchError(UsageError):
    """There are no plans, or those of another environment, provider, sandbox or wave."""


class ChangedPlanError(UserError):
    """A plan failed, is not the one that was made, or was not made from this code."""


@dataclass(frozen=True, slots=True)
class PlanFolder:
    """The folder of `iot-dr plan --out`, and its manifest."""

    folder: Path
    manifest: PlanManifest

    @classmethod
    def read(cls, folder: Path) -> "PlanFolder":
        """Read the manifest; raises what `manifest_in` raises, ManifestError if it is not valid."""
        return cls(folder, PlanManifest.parse(manifest_in(folder)))

    def refuse_other_target(self, environment: str, provider: Provider) -> None:
        """Raise PlanTargetMismatchError for plans of another environment, provider or sandbox."""
        folder, manifest = plain(str(self.folder)), self.manifest
        if manifest.environment != environment:
            message = f"{folder}: contains plans of {manifest.environment}; expected {environment}"
            raise PlanTargetMismatchError(message)
        if manifest.provider != provider.value:
            message = (
                f"{folder}: these plans were made with PROVIDER={manifest.provider};"
                f" expected PROVIDER={provider.value}"
            )
            raise PlanTargetMismatchError(message)
        if provider is Provider.STANDIN and manifest.wave is None:
            message = (
                f"{folder}: the sandbox of these plans is gone, as they were applied in it; plan a"
                " wave on the sandbox that is kept: `iot-dr plan --wave N --out DIR`"
            )
            raise PlanTargetMismatchError(message)

    def chosen(self, wave: int | None, known: Collection[str]) -> tuple[PlannedStack, ...]:
        """Return the stacks to apply, of one wave or of all.

        Raises PlanTargetMismatchError for a wave or stacks that these plans do not have, and
        ChangedPlanError if one of the plans failed.
        """
        folder, manifest = plain(str(self.folder)), self.manifest
        if None not in {wave, manifest.wave} and wave != manifest.wave:
            raise PlanTargetMismatchError(
                f"{folder}: contains plans of wave {manifest.wave}; expected wave {wave}"
            )
        if unknown := sorted({stack.name for stack in manifest.stacks} - set(known)):
            raise PlanTargetMismatchError(
                f"{folder}: plans of stacks that the environment does not have:"
                f" {', '.join(unknown)}; `iot-dr deploy` does a step of a change of regions, or"
                " declare each step in the file (docs/runbooks/replace-region.md)"
            )
        stacks = tuple(stack for stack in manifest.stacks if wave in {None, stack.wave})
        if failed := [stack.name for stack in stacks if stack.status == "failed"]:
            message = (
                f"nothing is applied: planning {', '.join(failed)} failed; fix it, {PLAN_AGAIN}"
            )
            raise ChangedPlanError(message)
        return stacks

    def plan(self, stack: PlannedStack) -> bytes:
        """Return a stack's plan file.

        Raises ChangedPlanError if it or its JSON has changed or cannot be read.
        """
        content = self._checked(f"{stack.name}.tfplan", stack.plan_sha256)
        self._checked(f"{stack.name}.json", stack.json_sha256)
        return content

    def _checked(self, name: str, expected: str | None) -> bytes:
        file = self.folder / name
        try:
            content = content_of(file)
        except OSError as error:
            message = f"{plain(str(file))}: cannot be read: {error.strerror}; {PLAN_AGAIN}"
            raise ChangedPlanError(message) from None
        if (digest := sha256(content)) != expected:
            message = (
                f"{plain(str(file))}: is not the file that was planned: its SHA-256 is {digest},"
                f" and {MANIFEST} says {expected or 'none'}; {PLAN_AGAIN}"
            )
            raise ChangedPlanError(message)
        return content


def manifest_in(folder: Path) -> KeptFile:
    """Read the file of the manifest; raises PlanTargetMismatchError if it is missing."""
    if file := manifest_file(folder):
        return file
    message = (
        f"--plans: {plain(str(folder))}: no {MANIFEST} here; make the plans with"
        " `iot-dr plan --out`"
    )
    raise PlanTargetMismatchError(message)


def require_plan_of_this_code(plan: bytes, configuration: bytes) -> None:
    """Raise ChangedPlanError unless a plan was made of exactly this configuration.

    Files that a plan uploads, such as the code of functions, lie in paths that contain their hash:
    with the same configuration they are the same.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(plan)) as archive:
            names = [name for name in archive.namelist() if name.startswith(_SNAPSHOT)]
            planned = archive.read(_CONFIGURATION)
            modules = parsed(archive.read(_MODULES)) if _MODULES in names else None
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, ValueError):
        message = f"its plan file is not of a stack of this platform; {PLAN_AGAIN}"
        raise ChangedPlanError(message) from None
    is_alone = sorted(names) == [_CONFIGURATION, _MODULES] and modules == _ROOT_ALONE
    if planned != configuration or not is_alone:
        message = f"code or settings have changed since this plan was made; {PLAN_AGAIN}"
        raise ChangedPlanError(message)
