"""The sandbox's process, and the buckets in its folder."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

from iot_dr.common.user_error import UserError
from iot_dr.terraform.sandbox.folder import SandboxFolder
from iot_dr.terraform.sandbox.loopback import ACCOUNT_VARIABLE, HOST

_AWS: Final = "AWS_"
_MODULE: Final = __spec__.name.rpartition(".")[0]  # pyrefly: ignore[unknown-attribute-access] - a ModuleSpec


KEY_VARIABLE: Final = "IOT_DR_SANDBOX_KEY"
"""The environment variable with the access key that the server accepts."""


class SandboxError(UserError):
    """The sandbox cannot start, is in use, or its folder cannot be changed."""


def create_buckets(sandbox: Path, names_by_region: Mapping[str, str]) -> None:
    """Create a bucket in each region of a sandbox's folder; existing ones are kept.

    Raises SandboxError if a bucket exists in another region, or cannot be stored.
    """
    folder = SandboxFolder(sandbox)
    try:
        with folder.exclusive():
            regions = folder.buckets()
            for region, name in names_by_region.items():
                if regions.setdefault(name, region) != region:
                    raise SandboxError(
                        f"{sandbox}: bucket {name} is in {regions[name]}, not in {region};"
                        " delete the sandbox, or correct the settings"
                    )
            folder.keep_buckets(regions)
    except OSError as error:
        raise SandboxError(f"the sandbox cannot make its buckets: {error}") from error


class Sandbox:
    """S3 and STS of the account `account_id`, served from `folder` during a `with` block.

    The server accepts only an access key generated for it, since any user of this machine could
    request states. It ends with its owner, even if that is killed; the folder stays. Several
    servers may share one folder. Raises SandboxError if the folder cannot be used or the server
    does not start.
    """

    def __init__(self, folder: Path, account_id: str) -> None:
        self.folder = folder
        self._key = secrets.token_hex(16)
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith((_AWS, "MOTO_"))
        }
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-I", "-m", _MODULE, str(folder.absolute())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**inherited, ACCOUNT_VARIABLE: account_id, KEY_VARIABLE: self._key},
            # Ctrl-C is for Terraform, which still has to release its lock here.
            start_new_session=True,
        )
        self.endpoint = f"http://{HOST}:{self._port()}"

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._process.pid

    @property
    def environment(self) -> dict[str, str]:
        """Variables that direct Terraform's S3 backend here, whatever else the shell sets."""
        return {
            # The Go SDK treats an empty variable as unset.
            **{name: "" for name in os.environ if name.startswith(_AWS)},
            # Not `AWS_ENDPOINT_URL_S3`: with it Terraform looks for the host `bucket.127.0.0.1`.
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self._key,
            # Not verified, but must not be empty.
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def create_buckets(self, names_by_region: Mapping[str, str]) -> None:
        """Create a bucket in each region; raises what `create_buckets` raises."""
        create_buckets(self.folder, names_by_region)

    def stop(self) -> None:
        """Kill the server; no write that it has acknowledged is lost."""
        self._process.kill()
        self._process.communicate()

    def _port(self) -> int:
        line = self._process.stdout.readline() if self._process.stdout else b""
        outcome: dict[str, Any] = json.loads(line) if line else {}
        if "port" in outcome:
            return outcome["port"]
        self._process.communicate()
        status = f"its server ended with status {self._process.returncode}"
        raise SandboxError(
            f"{self.folder}: the sandbox cannot start: {outcome.get('error', status)}"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
