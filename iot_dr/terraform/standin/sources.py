"""The TypeScript behind the installed provider bindings, one text for each module."""

import base64
import json
import re
import tarfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

from iot_dr.bindings import engine
from iot_dr.common.user_error import UserError

_TARBALL = re.compile(r"provider-aws@(?P<version>[\w.+-]+)\.jsii\.tgz")
_MODULE_FILE = re.compile(r"package/lib/(?P<module>[^/]+)/(?:.+/)?[^/]+\.js")
# The compiled code has lost which arguments are computed; the TypeScript in its source map has not.
_SOURCE_MAP = b"//# sourceMappingURL=data:application/json;base64,"


class BindingsNotFoundError(UserError):
    """The AWS provider bindings are not installed, or not in the form this reader knows."""


@dataclass(frozen=True, slots=True)
class Bindings:
    """The jsii tarball of the installed AWS provider bindings and its version."""

    tarball: Path
    version: str

    @classmethod
    def installed(cls) -> "Bindings":
        """Find the bindings of the engine that ENGINE names without importing them.

        Raises:
            BindingsNotFoundError: when the package or its tarball is missing.
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
        """Read the TypeScript of every module by the module's folder name, in about 2 seconds."""
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
