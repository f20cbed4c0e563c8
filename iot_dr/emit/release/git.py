"""Git, which asks nobody for a password."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from iot_dr.common.plain_text import plain
from iot_dr.emit.release.tag import ReleaseError

TOKEN: Final = "MODULES_TOKEN"  # noqa: S105 - a variable's name
"""The variable with the token that may push to the repository, where it wants one."""

# The shell that git runs takes the token out of the environment: no command line shows it.
_HELPER: Final = f'!f() {{ echo username=x-access-token; echo "password=${TOKEN}"; }}; f'


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
        """Run a command; give what it prints."""
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
