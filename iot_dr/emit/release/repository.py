"""The repository that serves the modules, as a Git source or to a private registry."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from iot_dr.common.plain_text import plain
from iot_dr.emit.contract.version import Version
from iot_dr.emit.release.git import Git
from iot_dr.emit.release.tag import ReleaseError


def push(url: str, version: Version, write: Callable[[Path], object]) -> str:
    """Push a version as one commit and its tag, both or none; give the tag.

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
