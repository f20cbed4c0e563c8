"""The derived schema on disk, so that only the first use of a version has to derive it."""

import atexit
import base64
import fcntl
import hashlib
import json
import os
import re
import shutil
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.machinery import PathFinder
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Self

from iot_dr.bindings import engine
from iot_dr.common.user_error import UserError
from iot_dr.common.whole_file import whole_file
from iot_dr.terraform.standin import cty, encoding, generated, parser, schema
from iot_dr.terraform.standin.encoding import encode_schema
from iot_dr.terraform.standin.parser import parse_provider
from iot_dr.terraform.standin.schema import (
    Kind,
    ProviderSchema,
    SchemaBlock,
    from_json,
    limit_blocks,
    to_json,
)
from iot_dr.terraform.standin.services import LIMITS, SENSITIVE

_TARBALL = re.compile(r"provider-aws@(?P<version>[\w.+-]+)\.jsii\.tgz")
_MODULE_FILE = re.compile(r"package/lib/(?P<module>[^/]+)/(?:.+/)?[^/]+\.js")
# The compiled code has lost which arguments are computed; the TypeScript in its source map has not.
_SOURCE_MAP = b"//# sourceMappingURL=data:application/json;base64,"


class BindingsNotFoundError(UserError):
    """The AWS provider bindings are not installed, or in an unknown form."""


@dataclass(frozen=True, slots=True)
class Bindings:
    """The jsii tarball of the installed AWS provider bindings and its version."""

    tarball: Path
    version: str

    @classmethod
    def installed(cls) -> "Bindings":
        """Find the bindings of the engine that ENGINE names, without importing them.

        Raises BindingsNotFoundError if the package or its tarball is missing; exits with status 2
        if ENGINE is unknown.
        """
        package = engine.PROVIDERS[engine.chosen()]
        spec = PathFinder.find_spec(package)
        folders = [Path(at, "_jsii") for at in (spec and spec.submodule_search_locations) or ()]
        for path in (path for folder in folders for path in sorted(folder.glob("*.jsii.tgz"))):
            if named := _TARBALL.fullmatch(path.name):
                return cls(path, named["version"])
        raise BindingsNotFoundError(
            f"no provider-aws@VERSION.jsii.tgz in the package {package}: "
            "install the locked requirements again"
        )

    def modules(self) -> Mapping[str, str]:
        """Return the TypeScript of every module by its folder name; takes about 2 seconds."""
        parts: defaultdict[str, list[str]] = defaultdict(list)
        with tarfile.open(self.tarball) as archive:
            for member in archive:
                named = _MODULE_FILE.fullmatch(member.name)
                file = archive.extractfile(member) if named else None
                if named and file:
                    parts[named["module"]].append(_typescript(file.read()))
        return {module: "\n".join(texts) for module, texts in sorted(parts.items())}


def _typescript(compiled: bytes) -> str:
    _, _, encoded = compiled.rpartition(_SOURCE_MAP)
    return json.loads(base64.b64decode(encoded))["sourcesContent"][0] if encoded else ""


CACHE_VARIABLE: Final = "IOT_DR_STANDIN_CACHE"
"""The environment variable with the cache folder, for plugin processes."""

_ARCHIVE = "schema.zip"
_RESPONSE = "schema.pb"
_ABOUT = "about.json"
_FORMED_BY = (cty, encoding, generated, parser, schema)


class SchemaCache:
    """One provider version's schema, read type by type from an archive in `folder`.

    `folder` becomes a temporary one if the archive has to be written and cannot be.
    """

    def __init__(self, folder: Path, bindings: Bindings) -> None:
        self.folder = folder
        self._bindings = bindings
        self._archive = self._open()
        about = json.loads(self._read(_ABOUT))
        self.address: str = about["address"]
        self.version: str = about["version"]
        self.made_of: str | None = about.get("bindings")

    @classmethod
    def default(cls) -> Self:
        """Open the cache of the installed bindings, in the user's cache folder.

        The first use of a version takes about 5 s. If the folder cannot be written, a temporary one
        is used until this process exits. Raises BindingsNotFoundError if the bindings are not
        installed.
        """
        bindings, named = Bindings.installed(), os.environ.get(CACHE_VARIABLE)
        if named and (cache := cls(Path(named), bindings)).made_of == bindings.version:
            return cache
        # None, or one of another engine: a shell keeps the variables of its mirror.
        return cls(_default_folder(bindings), bindings)

    @lru_cache  # noqa: B019 - as `block`
    def response(self) -> bytes:
        """Return the encoded response to `GetSchema`."""
        return self._read(_RESPONSE)

    @lru_cache  # noqa: B019 - a cache lives as long as its process
    def block(self, kind: Kind, name: str) -> SchemaBlock:
        """Return a type's block; raises KeyError if this provider version lacks the type."""
        return from_json(json.loads(self._read(_member(kind, name))))

    def _read(self, member: str) -> bytes:
        try:
            return self._archive.read(member)
        except (zipfile.BadZipFile, EOFError, OSError):
            self._archive = self._rebuild()
            return self._archive.read(member)

    def _open(self) -> zipfile.ZipFile:
        # Of processes that start together with an empty cache, one derives the schema.
        with _alone_in(self.folder):
            try:
                archive = zipfile.ZipFile(self.folder / _ARCHIVE)
            except (zipfile.BadZipFile, OSError):
                return self._rebuild()
            return archive if _ABOUT in archive.NameToInfo else self._rebuild()

    def _rebuild(self) -> zipfile.ZipFile:
        content = _build(parse_provider(self._bindings.modules()), self._bindings.version)
        try:
            self._keep(content)
        except OSError:
            self.folder = temporary_folder()
            self._keep(content)
        return zipfile.ZipFile(self.folder / _ARCHIVE)

    def _keep(self, content: bytes) -> None:
        with whole_file(self.folder / _ARCHIVE) as file:
            file.write(content)


@contextmanager
def _alone_in(folder: Path) -> Generator[None]:
    """Lock a folder for a `with` block; goes on unlocked if it cannot be created or locked."""
    handle = -1
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if handle >= 0:
            os.close(handle)


def temporary_folder() -> Path:
    """Create a folder that is removed when this process exits normally."""
    folder = Path(tempfile.mkdtemp(prefix="iot-dr-standin-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _default_folder(bindings: Bindings) -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home, "iot-dr", "standin", f"{bindings.version}-{_format()}")


def _format() -> str:
    """Return a digest of the code and data that shape the archive, so that no stale one is read."""
    digest = hashlib.sha256(json.dumps([LIMITS, SENSITIVE], sort_keys=True).encode())
    for file in (__file__, *(module.__file__ for module in _FORMED_BY)):
        digest.update(Path(file).read_bytes())
    return digest.hexdigest()[:8]


def _member(kind: Kind, name: str) -> str:
    return f"{kind}/{name}.json"


def _build(provider: ProviderSchema, bindings: str) -> bytes:
    for name, limits in LIMITS.items():
        block = provider.types.get(("resource", name), SchemaBlock())
        for path, (least, most) in limits.items() if block.blocks else ():
            limit_blocks(block, path, least, most)
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        about = {
            "address": provider.address,
            "version": provider.version,
            "bindings": bindings,
        }
        archive.writestr(_ABOUT, json.dumps(about))
        archive.writestr(_RESPONSE, encode_schema(provider, SENSITIVE))
        for (kind, name), block in provider.types.items():
            document: dict[str, Any] = to_json(block)
            archive.writestr(_member(kind, name), json.dumps(document, separators=(",", ":")))
    return buffer.getvalue()
