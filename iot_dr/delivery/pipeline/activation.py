"""Makes one of an environment's two pipelines the active one, in its settings file."""

import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import yaml

from environments.loader import find, load, parse
from environments.project import settings_file
from environments.renamed_settings import RENAMED_SETTINGS
from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.common.whole_file import whole_file
from iot_dr.delivery.pipeline.guard import HOW_TO_ADD
from iot_dr.delivery.pipeline.promotion import promotion_branches
from stacks.stack_context import stack_context

_ACTIVE_REGION: Final = {"active_region"} | {
    steps[-1] for steps, name in RENAMED_SETTINGS.items() if name == "active_region"
}


class NoPipelineError(UsageError):
    """The environment has no pipeline, or none in that region."""


@dataclass(frozen=True, kw_only=True)
class Activation:
    """The change of the active pipeline in an environment's settings file.

    `settings` and `former` are as before, `region` is that of the new active pipeline. `branches`
    must contain the change in this order before that pipeline uses it; the last one is its own.
    `is_here` says whether the checked-out file may be changed: if other branches come first, HEAD
    must be the tip of the pipeline's own branch.
    """

    settings: Settings
    former: str
    region: str
    file: Path
    branches: tuple[str, ...]
    is_here: bool

    @classmethod
    def of(cls, environment: str, region: str, folder: Path) -> "Activation":
        """Return the activation for an environment's current file in `folder`.

        Raises SettingsError if there is no such environment or its file is wrong, and
        NoPipelineError if it has no pipeline in that region.
        """
        settings = load(environment, {}, folder)
        pipeline = settings.pipeline
        if pipeline is None:
            message = f"{settings_file(environment)}: pipeline: is not there; no pipeline"
            raise NoPipelineError(f"{message} can be activated; {HOW_TO_ADD}")
        if region not in pipeline.connections:
            allowed = " or ".join(pipeline.connections)
            message = f"--region {plain(region)}: has no connection in {settings_file(environment)}"
            raise NoPipelineError(f"{message}; allowed: {allowed}")
        branches, file = promotion_branches(settings, folder), find(environment, folder)
        return cls(
            settings=settings,
            former=pipeline.active_region,
            region=region,
            file=file,
            branches=branches,
            is_here=len(branches) == 1 or _is_checked_out(f"origin/{branches[-1]}", file.parent),
        )

    @property
    def is_change(self) -> bool:
        """Whether another pipeline is active in the settings."""
        return self.former != self.region

    def write(self) -> None:
        """Change `pipeline.active_region` in the file and nothing else; as a whole or not at all.

        Does nothing without a change, or unless `is_here`. Raises UserError if the file cannot be
        written.
        """
        if not self.is_change or not self.is_here:
            return
        # Bytes, so that line ends are preserved.
        changed = with_active(self.file.read_bytes().decode(), self.region).encode()
        parse(changed, self.settings.environment)
        mode = stat.S_IMODE(self.file.stat().st_mode)
        try:
            with whole_file(self.file, mode) as file:
                file.write(changed)
        except OSError as error:
            message = f"{self.file.name}: cannot be written: {error.strerror}"
            raise UserError(message) from None


def with_active(text: str, region: str) -> str:
    """Return the text of an environment's file with another `pipeline.active_region`."""
    node = cast("Any", yaml.compose(text, Loader=yaml.SafeLoader))
    for keys in ({"pipeline"}, _ACTIVE_REGION):
        pairs: list[tuple[Any, Any]] = node.value
        node = next(value for name, value in pairs if name.value in keys)
    return f"{text[: node.start_mark.index]}{region}{text[node.end_mark.index :]}"


def pipeline_name(settings: Settings, region: str) -> str:
    """Return the name of a region's pipeline."""
    return stack_context(settings, region).name(f"pipeline-{region}")


def _is_checked_out(branch: str, folder: Path) -> bool:
    """Whether the tip of a remote's branch, as last fetched, is checked out; False without git."""
    asked = ["git", "rev-parse", "--verify", "--quiet"]
    try:
        here, there = (
            subprocess.run(  # noqa: S603 - the branch is checked by the settings
                [*asked, f"{commit}^{{commit}}"],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
            for commit in ("HEAD", f"refs/remotes/{branch}")
        )
    except FileNotFoundError:
        return False
    return there.returncode == 0 and here.stdout == there.stdout
