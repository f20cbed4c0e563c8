"""Runs the tests of a package in a copy of the working tree, with or without a fault."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from tools.benchmarks.mutation import Mutation, MutationError

_TESTS: Final = {
    "modules": ("tests/modules", "tests/stacks"),
    "stacks": ("tests/stacks",),
    "iot_dr.terraform_json": ("tests/iot_dr/terraform_json", "tests/iot_dr/review"),
    "iot_dr.route53": ("tests/iot_dr/route53", "tests/iot_dr/forecast", "tests/iot_dr/rules"),
    "iot_dr.rules": ("tests/iot_dr/rules",),
    "iot_dr.forecast": ("tests/iot_dr/forecast",),
    "iot_dr.review": ("tests/iot_dr/review",),
}
# The selection of `make test`, with the same examples each time, so that two scores differ only by
# the tests.
_PYTEST: Final = (
    *("-n", "0", "-x", "-q", "-p", "no:cacheprovider"),
    *("-m", "not exhaustive", "--hypothesis-seed", "0"),
)


Result = Literal["killed", "timeout", "survived"]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of a fault: `by` is the first failed test, empty if none failed."""

    name: str
    package: str
    result: Result
    by: str
    seconds: float


class Trial:
    """Runs tests in a copy of a tree; stores outcomes in a file, to resume a run."""

    def __init__(self, folder: Path, timeout: float, kept: Path | None) -> None:
        self.tree = folder / "tree"
        self._temporary = folder / "tmp"
        self._timeout = timeout
        self._kept = kept
        self._digest = _copy(Path.cwd(), self.tree)
        self._temporary.mkdir()
        lines = kept.read_text(encoding="utf-8").splitlines() if kept and kept.exists() else ()
        self._known = {key: Outcome(**each) for key, each in map(json.loads, lines)}

    def unmutated(self, packages: Iterable[str]) -> Outcome:
        """Run the tests of packages on the unchanged tree."""
        folders = list(dict.fromkeys(each for package in packages for each in _TESTS[package]))
        return self._outcome("no fault", "", json.dumps(folders), folders)

    def of(self, mutation: Mutation) -> Outcome:
        """Plant a fault, run the tests for it, and remove it again."""
        file, text = mutation.applied(self.tree)
        original = file.read_text(encoding="utf-8")
        file.write_text(text, encoding="utf-8")
        try:
            files = _in_turn(self.tree, package_of(mutation.at), file.stem)
            return self._outcome(mutation.name, package_of(mutation.at), text, files)
        finally:
            file.write_text(original, encoding="utf-8")

    def _outcome(self, name: str, package: str, text: str, tests: Sequence[str]) -> Outcome:
        key = hashlib.sha256(f"{self._digest} {name} {text}".encode()).hexdigest()
        if key not in self._known:
            started = time.monotonic()
            result, by = self._run(name, tests)
            seconds = round(time.monotonic() - started, 1)
            outcome = Outcome(name=name, package=package, result=result, by=by, seconds=seconds)
            self._known[key] = outcome
            # Tests that failed without a fault may pass the next time.
            if self._kept and (package or result == "survived"):
                with self._kept.open("a", encoding="utf-8") as file:
                    file.write(f"{json.dumps([key, asdict(outcome)])}\n")
        return self._known[key]

    def _run(self, name: str, tests: Sequence[str]) -> tuple[Result, str]:
        left_out = {"ENV", "ENGINE", "HYPOTHESIS_PROFILE"}
        kept = {each: value for each, value in os.environ.items() if each not in left_out}
        # A process that a test starts elsewhere would import the installed project, without the
        # fault.
        own = {"PYTHONPATH": str(self.tree), "TMPDIR": str(self._temporary)}
        with subprocess.Popen(  # noqa: S603 - the project's own tests
            [sys.executable, "-m", "pytest", *_PYTEST, *tests],
            cwd=self.tree,
            env={**kept, **own},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        ) as process:
            try:
                output, _ = process.communicate(timeout=self._timeout)
            except subprocess.TimeoutExpired:
                return "timeout", ""
            finally:
                _end(process)
        if process.returncode == 0:
            return "survived", ""
        if process.returncode == 1 and (by := _failed(output)):
            return "killed", by
        end = output[-2000:]
        raise MutationError(f"{name}: pytest ended with {process.returncode}:\n{end}")


def _copy(source: Path, target: Path) -> str:
    """Copy what git would commit, changes included; return a digest of all but the benchmarks."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    result = subprocess.run(listing, cwd=source, capture_output=True, text=True, check=True)  # noqa: S603 - a constant
    digest = hashlib.sha256()
    for name in sorted({each for each in result.stdout.split("\0") if (source / each).is_file()}):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / name, target / name)
        if not name.startswith("tools/benchmarks/"):
            digest.update(f"{name}\0".encode() + (source / name).read_bytes())
    return digest.hexdigest()


def package_of(at: str) -> str:
    """Return the package whose tests run for a definition."""
    return next(each for each in _TESTS if at.startswith(f"{each}."))


def _in_turn(tree: Path, package: str, module: str) -> list[str]:
    """Return the test files of a package, those that are likely to find a fault first."""
    files = [file for each in _TESTS[package] for file in sorted((tree / each).rglob("test_*.py"))]

    def rank(file: Path) -> tuple[bool, bool, int, int]:
        text = file.read_text(encoding="utf-8")
        is_mirror, is_snapshot = file.stem == f"test_{module}", file.stem == "test_snapshots"
        # Short files usually end soon.
        return not is_mirror, not is_snapshot, -text.count(module), len(text)

    return [str(each.relative_to(tree)) for each in sorted(files, key=rank)]


def _failed(output: str) -> str:
    """Return the first failed test, from pytest's summary."""
    words = (line.split() for line in output.splitlines())
    return next((each[1] for each in words if each[:1] in (["FAILED"], ["ERROR"])), "")


def _end(process: subprocess.Popen[str]) -> None:
    """End the remaining processes of a test run."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
