"""Plans in a folder, and what must hold of them before any is applied."""

import io
import json
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from iot_dr.common.plain_text import plain
from iot_dr.common.regular_file import open_regular
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.terraform.workspace import STACK_FILE
from iot_dr.terraform_json import plan_manifest
from iot_dr.terraform_json.plan_manifest import PlanManifest, PlannedStack, sha256
from iot_dr.terraform_json.provider_choice import Provider

# Where a plan file, which is a zip, keeps the configuration that it was made of.
_SNAPSHOT: Final = "tfconfig/"
_CONFIGURATION: Final = f"{_SNAPSHOT}m-/{STACK_FILE}"
_MODULES: Final = f"{_SNAPSHOT}modules.json"
_ROOT_ALONE: Final = [{"Key": "", "Dir": "."}]
AGAIN: Final = "plan and review again"
"""What helps."""


class ForeignPlansError(UsageError):
    """The plans are of something else than what they are to be applied to."""


class ChangedPlanError(UserError):
    """A plan is not the one that was made, or not of the code that is here."""


@dataclass(frozen=True, slots=True)
class KeptPlans:
    """The folder of `iot-dr plan --out`, and its manifest."""

    folder: Path
    manifest: PlanManifest

    @classmethod
    def read(cls, folder: Path) -> "KeptPlans":
        """Read the manifest; raises ForeignPlansError where there is none, else ManifestError."""
        manifest = PlanManifest.read(folder)
        if manifest is None:
            message = (
                f"--plans: {plain(str(folder))}: no {plan_manifest.FILE} here; make the plans with"
                " `iot-dr plan --out`"
            )
            raise ForeignPlansError(message)
        return cls(folder, manifest)

    def refuse_foreign(self, environment: str, provider: Provider) -> None:
        """Raise ForeignPlansError for plans of another environment, provider or sandbox."""
        told, made = plain(str(self.folder)), self.manifest
        if made.environment != environment:
            message = f"{told}: holds plans of {made.environment}, and {environment} is meant"
            raise ForeignPlansError(message)
        if made.provider != provider.value:
            message = (
                f"{told}: these plans were made with PROVIDER={made.provider}, and"
                f" PROVIDER={provider.value} is meant to apply them"
            )
            raise ForeignPlansError(message)
        if provider is Provider.STANDIN and made.wave is None:
            message = (
                f"{told}: the sandbox of these plans is gone, as they were applied in it; plan a"
                " wave on the sandbox that is kept: `iot-dr plan --wave N --out DIR`"
            )
            raise ForeignPlansError(message)

    def chosen(self, wave: int | None, known: Collection[str]) -> tuple[PlannedStack, ...]:
        """Give the stacks to apply, of one wave or of all.

        Raises:
            ForeignPlansError: for a wave that these plans are not of, and stacks that are unknown.
            ChangedPlanError: when one of the plans failed.
        """
        told, made = plain(str(self.folder)), self.manifest
        if None not in {wave, made.wave} and wave != made.wave:
            raise ForeignPlansError(f"{told}: holds plans of wave {made.wave}, not of wave {wave}")
        if unknown := sorted({each.name for each in made.stacks} - set(known)):
            message = f"{told}: plans of stacks that the environment does not have:"
            raise ForeignPlansError(f"{message} {', '.join(unknown)}")
        stacks = tuple(each for each in made.stacks if wave in {None, each.wave})
        if failed := [each.name for each in stacks if each.status == "failed"]:
            message = f"nothing is applied: planning {', '.join(failed)} failed; mend it, {AGAIN}"
            raise ChangedPlanError(message)
        return stacks

    def plan(self, stack: PlannedStack) -> bytes:
        """Give a stack's plan file; raises ChangedPlanError unless plan and JSON are as made."""
        content = self._checked(f"{stack.name}.tfplan", stack.plan_sha256)
        self._checked(f"{stack.name}.json", stack.json_sha256)
        return content

    def _checked(self, name: str, expected: str | None) -> bytes:
        file = self.folder / name
        try:
            with open_regular(file) as opened:
                content = opened.read()
        except OSError as error:
            message = f"{plain(str(file))}: cannot be read: {error.strerror}; {AGAIN}"
            raise ChangedPlanError(message) from None
        if (found := sha256(content)) != expected:
            message = (
                f"{plain(str(file))}: is not the file that was planned: its SHA-256 is {found}, and"
                f" {plan_manifest.FILE} says {expected or 'none'}; {AGAIN}"
            )
            raise ChangedPlanError(message)
        return content


def refuse_other_code(plan: bytes, configuration: bytes) -> None:
    """Raise ChangedPlanError unless a plan was made of this configuration, and of nothing else.

    What a plan uploads, such as the code of functions, lies beside the configuration, in a path
    that has its hash: with the same configuration it is the same.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(plan)) as archive:
            names = [each for each in archive.namelist() if each.startswith(_SNAPSHOT)]
            planned = archive.read(_CONFIGURATION)
            modules = json.loads(archive.read(_MODULES)) if _MODULES in names else None
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, ValueError):
        message = f"its plan file is none of a stack of ours; {AGAIN}"
        raise ChangedPlanError(message) from None
    is_alone = sorted(names) == [_CONFIGURATION, _MODULES] and modules == _ROOT_ALONE
    if planned != configuration or not is_alone:
        message = f"code or settings have changed since this plan was made; {AGAIN}"
        raise ChangedPlanError(message)
