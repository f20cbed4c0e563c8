"""Measures the tables of docs/reference/measurements.md and writes them: `make bench-page`."""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from iot_dr.common.page_section import with_section
from iot_dr.common.user_error import UserError
from iot_dr.common.whole_file import whole_file

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "reference" / "measurements.md"

TABLES: Final[Mapping[str, str]] = {
    "synth": "",
    "plan": "",
    "registry": "--changes 50 100 200 --devices 50 100 200 --things 1000 5000",
    "drill": "",
    "simulate": "",
    "emit": "",
    "prove": "",
    "install": "",
}
"""The benchmarks whose output the page shows, each a module of this package, and their options."""


class BenchmarkError(UserError):
    """A benchmark failed, or the checkout is not a commit."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one table after another; each is written to the page as soon as it is measured."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks.page",
        description="Measure the tables of docs/reference/measurements.md, and write them into it.",
        epilog="example: python -m tools.benchmarks.page --only synth,plan -- --rounds 5",
    )
    parser.add_argument(
        "--only", type=_tables, default=TABLES, metavar="TABLE,...", help=", ".join(TABLES)
    )
    parser.add_argument("options", nargs="*", help="further options for each of the benchmarks")
    options = parser.parse_args(arguments)
    try:
        for name in options.only:
            write(PAGE, name, measured(name, options.options))
    except UserError as error:
        sys.exit(f"error: {error}")


def measured(name: str, options: Sequence[str] = ()) -> str:
    """Return a benchmark's output below its command, commit and machine.

    Raises BenchmarkError if the benchmark fails or the checkout differs from its commit.
    """
    commit = _commit()
    command = ["python", "-m", f"tools.benchmarks.{name}", *TABLES[name].split(), *options]
    done = subprocess.run(  # noqa: S603 - our own programs
        [sys.executable, *command[1:]], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        message = f"{' '.join(command)} exited with {done.returncode}; the page keeps its table"
        raise BenchmarkError(message)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    return f"```text\n$ {' '.join(command)} # commit {commit}, {machine}\n{done.stdout}```\n"


def write(page: Path, name: str, section: str) -> None:
    """Replace the table of a benchmark in `page`, completely or not at all.

    Raises PageError if the page has no place for it.
    """
    text = with_section(page, page.read_text(encoding="utf-8"), name, "bench-page", section)
    with whole_file(page) as file:
        file.write(text.encode())


def _commit() -> str:
    if changed := _git("status", "--porcelain", "--", ".", f":!{PAGE.relative_to(ROOT)}"):
        message = f"figures are of a commit; commit or stash what has changed:\n{changed}"
        raise BenchmarkError(message)
    return _git("rev-parse", "--short", "HEAD").strip()


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(  # noqa: S603 - fixed arguments
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def _tables(text: str) -> Sequence[str]:
    names = text.split(",")
    if unknown := set(names) - set(TABLES):
        message = f"{', '.join(sorted(unknown))}: no such table; there are: {', '.join(TABLES)}"
        raise argparse.ArgumentTypeError(message)
    return names


if __name__ == "__main__":
    main()
