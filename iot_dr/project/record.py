"""What a project records of its generated files: the version, and the hash of each file."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any, Self

from environments.project import RECORD
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError
from iot_dr.terraform_json.strict_json import parsed


class ProjectRecordError(UsageError):
    """The project has no record, or not one that this command can read."""


@dataclass(frozen=True, kw_only=True)
class ProjectRecord:
    """The record in `.iot-dr/project.json`.

    `files` has the SHA-256 of each file as it was generated, and `environments` the order in which
    the workflows apply them.
    """

    version: str
    project: str
    environments: Sequence[str]
    files: Mapping[str, str]

    @classmethod
    def of(cls, project: str, environments: Sequence[str], files: Mapping[str, bytes]) -> Self:
        """Return the record of files that this version generated."""
        return cls(
            version=version("iot-dr"),
            project=project,
            environments=environments,
            files={path: sha256(content) for path, content in sorted(files.items())},
        )

    @classmethod
    def read(cls, root: Path) -> Self:
        """Read the record of the project in `root`; raises ProjectRecordError."""
        try:
            content: Any = parsed((root / RECORD).read_bytes())
            record = cls(
                version=str(content["version"]),
                project=str(content["project"]),
                environments=[str(name) for name in content["environments"]],
                files={str(path): str(digest) for path, digest in content["files"].items()},
            )
        except FileNotFoundError:
            message = f"{RECORD}: missing; `iot-dr init` did not generate this project"
            raise ProjectRecordError(message) from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"{RECORD}: cannot be read ({error}); restore it from version control"
            raise ProjectRecordError(message) from None
        outside = [path for path in record.files if _is_outside(PurePosixPath(path))]
        if outside:
            message = f"{RECORD}: files: {plain(outside[0])} is not a path in the project"
            raise ProjectRecordError(message)
        return record

    def content(self) -> bytes:
        """Return the content of the file."""
        return (json.dumps(vars(self), indent=2) + "\n").encode()


def _is_outside(path: PurePosixPath) -> bool:
    return path.is_absolute() or ".." in path.parts


def sha256(content: bytes) -> str:
    """Return the hash by which the record knows a file."""
    return hashlib.sha256(content).hexdigest()
