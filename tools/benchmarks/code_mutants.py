"""Measures how many faults the tests find: plants one after the other, and runs the tests for it.

The faults of `code_mutants.toml` would break a failover. Each is planted into a copy of the
working tree, and the tests of its package run until one fails: those that mirror the changed file
first, then the snapshots, then those that name it most. A fault is `killed` if a test fails,
`timeout` if the tests do not end, otherwise it has `survived`. All must apply before the first is
planted, so a refactoring that moves code must update them.

The score must not drop below that of commit 67aacaa (with the `benchmarks` of 964f6c0):

    PACKAGE          FAULTS  KILLED  TIMEOUT  SURVIVED
    modules              13      13        0         0
    stacks               11      10        0         1
    iot_dr.rules         12      11        0         1
    iot_dr.forecast      10      10        0         0
    iot_dr.review        14      12        0         2
    all                  60      56        0         4

`pipeline-role-changes-pipelines`, `check-by-address-judged`, `longer-ttl-is-harmless` and
`waiting-for-every-stack` survived there.
"""

import argparse
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
from tempfile import TemporaryDirectory
from typing import Final, Literal

from iot_dr.cli.text import columns
from iot_dr.common.signals import end_by_signals
from tools.benchmarks.mutation import Mutation, MutationError, mutations

_TIMEOUT: Final = 3600
_INTERRUPTED: Final = 130

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


def main(arguments: Sequence[str] | None = None) -> None:
    """Plant the faults and print the score.

    Exits with 1 if a fault survived, with 2 for an error, with 130 for Ctrl-C.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    chosen = [each for each in mutations() if not options.only or each.name in options.only]
    if unknown := sorted({*options.only} - {each.name for each in chosen}):
        parser.error(f"no such fault: {', '.join(unknown)}")
    end_by_signals()
    try:
        with TemporaryDirectory(prefix="code-mutants-") as name:
            outcomes = _outcomes(Trial(Path(name), options.timeout, options.resume), chosen)
    except (MutationError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    made = [asdict(each) for each in outcomes]
    sys.stdout.write(f"{json.dumps(made, indent=2) if options.json else _text(outcomes)}\n")
    sys.exit(any(each.result == "survived" for each in outcomes))


def _outcomes(trial: Trial, chosen: Sequence[Mutation]) -> list[Outcome]:
    for mutation in chosen:
        mutation.applied(trial.tree)
    sys.stderr.write("  the tests without a fault ...\n")
    before = trial.unmutated(dict.fromkeys(package_of(each.at) for each in chosen))
    if before.result != "survived":
        raise MutationError(f"the tests fail without a fault: {before.by or before.result}")
    outcomes: list[Outcome] = []
    for number, mutation in enumerate(chosen, 1):
        outcome = trial.of(mutation)
        outcomes.append(outcome)
        by = f" by {outcome.by}" if outcome.by else ""
        message = f"{outcome.result}{by}, {outcome.seconds:.0f} s"
        sys.stderr.write(f"  {number} of {len(chosen)}: {outcome.name}: {message}\n")
    return outcomes


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks.code_mutants",
        description="Plant faults into a copy of the code, and count those that the tests notice.",
        epilog="example: python -m tools.benchmarks.code_mutants --resume mutants.jsonl",
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help="plant these alone")
    parser.add_argument(
        "--resume", type=Path, metavar="FILE", help="keep outcomes there, and do not run them again"
    )
    parser.add_argument(
        "--timeout", type=float, default=_TIMEOUT, metavar="S", help="seconds for one fault"
    )
    return parser


def _text(outcomes: Sequence[Outcome]) -> str:
    head = ("PACKAGE", "FAULTS", "KILLED", "TIMEOUT", "SURVIVED", "SECONDS")
    rows = [
        (
            package or "all",
            *_counts([each for each in outcomes if each.package.startswith(package)]),
        )
        for package in (*dict.fromkeys(each.package for each in outcomes), "")
    ]
    survivors = [each.name for each in outcomes if each.result == "survived"]
    score = f"{len(outcomes) - len(survivors)} of {len(outcomes)} noticed"
    result = f"{score}; survived: {', '.join(survivors)}" if survivors else score
    return f"{columns([head, *rows], numbers=True)}\n\n{result}"


def _counts(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    results = [each.result for each in outcomes]
    counts = (results.count("killed"), results.count("timeout"), results.count("survived"))
    seconds = sum(each.seconds for each in outcomes)
    return (str(len(results)), *map(str, counts), f"{seconds:.0f}")


if __name__ == "__main__":
    main()
