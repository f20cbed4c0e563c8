"""CodeBuild as far as this project's buildspecs need it, in a shell of this machine.

docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html and .../view-build-details-phases
say how it goes on: one shell for all commands; in a phase nothing after a command that failed but
`finally`; nothing after a phase that failed, but that `post_build` follows a `build` that did not
say ABORT. What is not known here is refused: a buildspec does not pass by being misread.
"""

import re
import shlex
import subprocess
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.command import plain_environment

PHASES: Final = ("install", "pre_build", "build", "post_build")

_SPEC: Final = {"version", "env", "phases", "artifacts"}
_ENV: Final = {"shell", "git-credential-helper", "exported-variables"}
_PHASE: Final = {"on-failure", "runtime-versions", "commands", "finally"}
_ARTIFACTS: Final = {"files", "exclude-paths", "base-directory"}
_PARTS: Final = re.compile(r"\*\*/|\*\*|\*|[^*]+")
_PATTERNS: Final = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*"}

# Keeps what a command does to the shell, and prints how it ended.
_LIBRARY: Final = """
_phase=0
_run() { [ "$_phase" -ne 0 ] || _always "$1"; }
_always() { eval "$1"; _ended=$?; [ "$_ended" -eq 0 ] || _phase=$_ended; }
_end() {
  printf '%s %s\\n' "$1" "$_phase" >> "$_report"
  [ "$_phase" -eq 0 ] || { export CODEBUILD_BUILD_SUCCEEDING=0; _failed=$1; }
  _phase=0
}
_failed=
"""


@dataclass(frozen=True, kw_only=True)
class Build:
    """How a build ended: the exit status of each phase that ended, and what was exported then.

    It is whole unless a command ended the shell itself.
    """

    phases: Mapping[str, int]
    exported: Mapping[str, str]
    printed: str
    is_whole: bool

    @property
    def is_good(self) -> bool:
        return self.is_whole and not any(self.phases.values())


@dataclass(frozen=True)
class Buildspec:
    """A buildspec of version 0.2."""

    data: Mapping[str, Any]

    @classmethod
    def parse(cls, text: str) -> "Buildspec":
        return cls.of(yaml.safe_load(text))

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Buildspec":
        assert data["version"] == 0.2
        assert set(data) <= _SPEC
        assert set(data.get("env", {})) <= _ENV
        assert set(data["phases"]) <= set(PHASES)
        assert all(set(phase) <= _PHASE for phase in data["phases"].values())
        assert all(phase["commands"] for phase in data["phases"].values())
        assert set(data.get("artifacts", {})) <= _ARTIFACTS
        return cls(data)

    @property
    def exported(self) -> Sequence[str]:
        return self.data.get("env", {}).get("exported-variables", [])

    def run(self, source: Path, scratch: Path, variables: Mapping[str, str]) -> Build:
        """Run the phases in `source`, at most 120 s; `scratch` must be empty."""
        result, env = scratch / "phases", scratch / "env"
        result.touch()
        done = subprocess.run(
            [self.data.get("env", {}).get("shell", "sh"), "-c", self._script()],
            cwd=source,
            env={
                **plain_environment(),
                "CODEBUILD_SRC_DIR": str(source),
                "CODEBUILD_BUILD_SUCCEEDING": "1",
                "_report": str(result),
                "_env": str(env),
                **variables,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )
        lines = (line.split() for line in result.read_text(encoding="utf-8").splitlines())
        text = env.read_text(encoding="utf-8").split("\0") if env.exists() else []
        values = {name: value for name, _, value in (each.partition("=") for each in text)}
        return Build(
            phases={name: int(status) for name, status in lines},
            exported={name: values[name] for name in self.exported if name in values},
            printed=done.stdout,
            is_whole=env.exists(),
        )

    def _script(self) -> str:
        return "\n".join([_LIBRARY, *self._steps(), 'env -0 > "$_env"'])

    def _steps(self) -> Iterator[str]:
        for name in PHASES:
            phase = self.data["phases"].get(name)
            if phase is None:
                continue
            follows_build = name == "post_build" and not self._aborts("build")
            yield f'if [ -z "$_failed" ]{" || [ $_failed = build ]" if follows_build else ""}; then'
            yield from (f"_run {shlex.quote(each)}" for each in phase["commands"])
            yield from (f"_always {shlex.quote(each)}" for each in phase.get("finally", []))
            yield f"_end {name}\nfi"

    def _aborts(self, phase: str) -> bool:
        said = self.data["phases"].get(phase, {}).get("on-failure", "")
        assert said in {"", "ABORT"}
        return said == "ABORT"

    def artifact(self, source: Path, target: Path, *, is_star_hidden: bool = False) -> None:
        """Zip the files of the artifact and unpack them: without modes, links and empty folders.

        Whether `*` is for hidden files too, the reference does not say.
        """
        artifacts = self.data["artifacts"]
        base = source / artifacts.get("base-directory", ".")
        taken = [_pattern(each, is_star_hidden=is_star_hidden) for each in artifacts["files"]]
        left = [_pattern(each, is_star_hidden=True) for each in artifacts.get("exclude-paths", [])]
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(base.rglob("*")):
                name = file.relative_to(base).as_posix()
                if file.is_dir() or any(each.fullmatch(name) for each in left):
                    continue
                if any(each.fullmatch(name) for each in taken):
                    archive.writestr(name, file.read_bytes())
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(target)


def _pattern(text: str, *, is_star_hidden: bool) -> re.Pattern[str]:
    parts: list[str] = _PARTS.findall(text)
    pattern = "".join(_PATTERNS.get(part) or re.escape(part) for part in parts)
    if not is_star_hidden and "." not in {step[:1] for step in text.split("/")}:
        pattern = rf"(?!(?:.*/)?\.){pattern}"
    return re.compile(pattern)
