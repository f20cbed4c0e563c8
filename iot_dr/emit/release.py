"""`python -m iot_dr.emit.release`: the steps of the workflow that hands out the modules."""

import argparse
import gzip
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlsplit

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.common.whole_file import whole_file
from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.changelog import DATA, Version, current_version, releases
from iot_dr.emit.emission import emit
from iot_dr.terraform_json.json_file import system_reason

PREFIX: Final = "modules-v"
"""What the tag begins with: this repository has other things to tag than modules."""

TOKEN: Final = "MODULES_TOKEN"  # noqa: S105 - a variable's name
"""The variable with the token that may push to the repository, where it wants one."""

# The shell that git runs takes the token out of the environment: no command line shows it.
_HELPER: Final = f'!f() {{ echo username=x-access-token; echo "password=${TOKEN}"; }}; f'


def main(arguments: Sequence[str]) -> int:
    """Do the step that is named, and say what was done; return the exit status."""
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


class ReleaseError(UserError):
    """The version cannot be handed out."""


def tagged_version(tag: str) -> Version:
    """Return the version that a tag is to hand out, which is the changelog's newest.

    Raises ReleaseError for any other tag.
    """
    version = current_version(releases(DATA))
    if tag != f"{PREFIX}{version}":
        message = (
            f"{plain(tag)}: the newest version in iot_dr/emit/changelog.yaml is {version}, and its"
            f" tag {PREFIX}{version}; delete this tag, and set that one, or enter the version there"
            " first"
        )
        raise ReleaseError(message)
    return version


def write_archive(folder: Path, path: Path) -> None:
    """Write `path`, a tar.gz, whole or not at all; raises ReleaseError where that cannot be.

    It holds the files by name, and no time, owner or right of this machine's.
    """
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    if not files:
        raise ReleaseError(f"{plain(str(folder))}: holds no modules; `make emit` writes them")
    try:
        _write(folder, files, path)
    except OSError as error:
        raise ReleaseError(
            f"{plain(str(path))}: cannot be written: {system_reason(error)}"
        ) from None


def _write(folder: Path, files: Sequence[Path], path: Path) -> None:
    with (
        whole_file(path) as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed,
        tarfile.open(mode="w", fileobj=packed, format=tarfile.PAX_FORMAT) as archive,
    ):
        for each in files:
            entry = tarfile.TarInfo(each.relative_to(folder).as_posix())
            entry.size = each.stat().st_size
            with each.open("rb") as content:
                archive.addfile(entry, content)


def push(url: str, version: Version, write: Callable[[Path], object]) -> str:
    """Push a version as one commit and its tag, both or none; return the tag.

    `write` puts the modules into the checkout, where files of the repository's own may stand. What
    is there is never rewritten: ReleaseError for a tag that exists, also for a branch that somebody
    has pushed to meanwhile, and for whatever else git refuses.
    """
    tag = f"v{version}"
    with TemporaryDirectory(prefix="iot-dr-modules-") as name:
        git = Git(Path(name), url)
        git("clone", "--quiet", "--depth", "1", "--no-tags", "--", url, ".")
        if git("ls-remote", "--tags", "origin", f"refs/tags/{tag}"):
            message = (
                f"{plain(url)} has the tag {tag} already, and a version that is out never changes;"
                " enter a new one in iot_dr/emit/changelog.yaml"
            )
            raise ReleaseError(message)
        write(Path(name))
        # Whatever the repository ignores: without the functions' zips a module is none.
        git("add", "--all", "--force", ".")
        git("commit", "--quiet", "--allow-empty", "-m", f"Release {tag}")
        git("tag", "-a", "-m", f"Release {tag}", tag)
        git("push", "--quiet", "--atomic", "origin", "HEAD", f"refs/tags/{tag}")
    return tag


class Git:
    """Runs git in a folder; a command that fails raises ReleaseError with git's own words.

    The token goes to the host of `url` alone, and over TLS alone.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._environment = {
            **os.environ,
            **_credentials(url),
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }

    def __call__(self, *arguments: str) -> str:
        """Run a command; return what it prints."""
        try:
            done = subprocess.run(  # noqa: S603 - what the caller takes from outside stands behind --
                ["git", *arguments],  # noqa: S607 - git is where the user has it
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            raise ReleaseError("git is not installed") from None
        if done.returncode != 0:
            why = plain(" ".join(done.stderr.decode(errors="replace").split()))
            message = f"git {arguments[0]}: {why or 'fails and says nothing'}"
            raise ReleaseError(message)
        return done.stdout.decode(errors="replace")


def _credentials(url: str) -> Mapping[str, str]:
    parts = urlsplit(url)
    if not os.environ.get(TOKEN) or parts.scheme != "https":
        return {}
    # The first takes away helpers of the user's own, which git would ask too.
    settings = {
        "credential.helper": "",
        f"credential.https://{parts.netloc}.helper": _HELPER,
    }
    return {
        "GIT_CONFIG_COUNT": str(len(settings)),
        **{f"GIT_CONFIG_KEY_{number}": key for number, key in enumerate(settings)},
        **{f"GIT_CONFIG_VALUE_{number}": value for number, value in enumerate(settings.values())},
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
