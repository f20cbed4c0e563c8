"""`python -m tools.release_modules`: steps of the workflow that releases the modules."""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlsplit

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.changelog import DATA, Version, current_version, releases
from iot_dr.emit.emission import emit

PREFIX: Final = "modules-v"
"""Prefix of the tag, as this repository has other tags too."""

TOKEN: Final = "MODULES_TOKEN"  # noqa: S105 - a variable's name
"""Environment variable with a token that may push to the repository."""

# Git's shell reads the token from the environment, so that no command line contains it.
_HELPER: Final = f'!f() {{ echo username=x-access-token; echo "password=${TOKEN}"; }}; f'


def main(arguments: Sequence[str]) -> int:
    """Run a step and print its result; return the exit status."""
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
            return f"{options.tag} is the tag of version {require_newest_tag(options.tag)}"
        case _:
            version = require_newest_tag(options.tag)
            _require_registry_name(options.url)
            write = partial(emit, CATALOGUE, force=True, repository=options.url)
            tag = push(options.url, version, write)
            return f"pushed {tag} to {options.url}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.release_modules", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    check = steps.add_parser("check", help="refuse a tag that is not the newest version's")
    check.add_argument("tag")
    pushing = steps.add_parser("push", help="push the modules to a repository, with a tag")
    pushing.add_argument("tag")
    pushing.add_argument("url")
    return parser


class ReleaseError(UserError):
    """The version cannot be released."""


def require_newest_tag(tag: str) -> Version:
    """Return the newest version of the changelog; raises ReleaseError unless `tag` is its tag."""
    version = current_version(releases(DATA))
    if tag != f"{PREFIX}{version}":
        message = (
            f"{plain(tag)}: the newest version in iot_dr/emit/changelog.yaml is {version}; expected"
            f" the tag {PREFIX}{version}. Delete this tag, then create that one or add the version"
            " to the changelog"
        )
        raise ReleaseError(message)
    return version


def _require_registry_name(url: str) -> None:
    # developer.hashicorp.com/terraform/registry/modules/publish
    name = urlsplit(url).path.rpartition("/")[2].removesuffix(".git")
    if not re.fullmatch(r"terraform-aws-[a-z0-9][a-z0-9-]*", name):
        message = (
            f"{plain(url)}: a registry takes no repository of this name; expected"
            " terraform-aws-NAME, with a-z, 0-9 and hyphens. Rename it, then set"
            " MODULES_REPOSITORY"
        )
        raise ReleaseError(message)


def push(url: str, version: Version, write: Callable[[Path], object]) -> str:
    """Push a version as one commit and its tag, atomically; return the tag.

    `write` adds the modules to the checkout, which may have other files. History is never
    rewritten: raises ReleaseError for an existing tag, for a branch with newer commits, and if git
    fails otherwise.
    """
    tag = f"v{version}"
    with TemporaryDirectory(prefix="iot-dr-modules-") as name:
        git = Git(Path(name), url)
        git("clone", "--quiet", "--depth", "1", "--no-tags", "--", url, ".")
        if git("ls-remote", "--tags", "origin", f"refs/tags/{tag}"):
            message = (
                f"{plain(url)} already has the tag {tag}; add a new version to"
                " iot_dr/emit/changelog.yaml"
            )
            raise ReleaseError(message)
        write(Path(name))
        # Also ignored files: the repository may ignore the functions' zips.
        git("add", "--all", "--force", ".")
        git("commit", "--quiet", "--allow-empty", "-m", f"Release {tag}")
        git("tag", "-a", "-m", f"Release {tag}", tag)
        git("push", "--quiet", "--atomic", "origin", "HEAD", f"refs/tags/{tag}")
    return tag


class Git:
    """Runs git in a folder; a failing command raises ReleaseError with git's message.

    The token is sent only to the host of `url`, and only over TLS.
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
        """Run a command; return its standard output."""
        try:
            done = subprocess.run(  # noqa: S603 - external values follow --
                ["git", *arguments],  # noqa: S607 - the user's git
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
            message = f"git {arguments[0]}: {why or 'failed without a message'}"
            raise ReleaseError(message)
        return done.stdout.decode(errors="replace")


def _credentials(url: str) -> Mapping[str, str]:
    parts = urlsplit(url)
    if not os.environ.get(TOKEN) or parts.scheme != "https":
        return {}
    # The first setting removes the user's credential helpers.
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
