"""`python -m iot_dr.emit.release`: the steps of the workflow that hands out the modules."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from iot_dr.common.user_error import UserError
from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.emission import emit
from iot_dr.emit.release.archive import write_archive
from iot_dr.emit.release.repository import push
from iot_dr.emit.release.tag import tagged_version


def main(arguments: Sequence[str]) -> int:
    """Do the step that is named, and say what was done; give the exit status."""
    options = _parser().parse_args(arguments)
    try:
        sys.stdout.write(f"{_done(options)}\n")
    except UserError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.status
    return 0


def _done(options: argparse.Namespace) -> str:
    match options.step:
        case "check":
            return f"{options.tag} stands for version {tagged_version(options.tag)}"
        case "archive":
            write_archive(options.folder, options.file)
            return f"{options.folder} is in {options.file}"
        case _:
            version = tagged_version(options.tag)
            tag = push(options.url, version, partial(emit, CATALOGUE, force=True))
            return f"{tag} is in {options.url}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m iot_dr.emit.release", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    check = steps.add_parser("check", help="refuse a tag that is not the newest version's")
    check.add_argument("tag")
    archive = steps.add_parser("archive", help="write a folder of modules as a tar.gz")
    archive.add_argument("folder", type=Path)
    archive.add_argument("file", type=Path)
    pushing = steps.add_parser("push", help="push the modules to a repository, with a tag")
    pushing.add_argument("tag")
    pushing.add_argument("url")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
