"""The classes of a project's own stacks, as its `cdktf.json` names them; nothing is imported here.

They are in the context, which CDKTF leaves to the app:
developer.hashicorp.com/terraform/cdktf/create-and-deploy/configuration-file
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from environments.errors import ABSENT, Mistake, SettingsError, dotted
from environments.json_text import parsed_json
from environments.project import MARK

_KEY: Final = ("context", "iot-dr")
_SCOPES: Final = ("regional", "global")


@dataclass(frozen=True, kw_only=True)
class DeclaredStack:
    """A class, or its name as `module:Class`, and where it is declared."""

    source: str | type
    file: str
    line: int | None = None
    key: str = ""

    @classmethod
    def of(cls, source: type) -> "DeclaredStack":
        """Return the declaration of a class that an app passes to its stage."""
        return cls(source=source, file=f"{source.__module__}.{source.__qualname__}")

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.source.rpartition(":")[2] if isinstance(self.source, str) else self.file

    def error(self, message: str, value: object = ABSENT) -> SettingsError:
        """Return the error for this declaration; the message continues the value."""
        return SettingsError((Mistake(self.file, self.line, self.key, value, message),))


@dataclass(frozen=True, kw_only=True)
class DeclaredStacks:
    """The declared stacks: those of each region, and those that exist once.

    `root` is the folder that modules are imported from; None if only classes are declared.
    """

    regional: tuple[DeclaredStack, ...] = ()
    global_: tuple[DeclaredStack, ...] = ()
    root: Path | None = None

    def __bool__(self) -> bool:
        return bool(self.regional or self.global_)


def declared_stacks(root: Path) -> DeclaredStacks:
    """Return what the `cdktf.json` of a project declares; raises SettingsError for mistakes.

    A folder without that file declares nothing.
    """
    try:
        text = (root / MARK).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return DeclaredStacks()
    except UnicodeDecodeError:
        raise _error((), "is not UTF-8, so not JSON") from None
    if f'"{_KEY[-1]}"' not in text:
        return DeclaredStacks()
    try:
        document = parsed_json(text)
    except ValueError as error:
        raise _error((), f"is not valid JSON: {error}") from None
    block: object = document
    for length, step in enumerate(_KEY):
        if not isinstance(block, dict):
            raise _error(_KEY[:length], "must be an object")
        block = cast("dict[str, object]", block).get(step)
    if block is None:
        return DeclaredStacks()
    if not isinstance(block, dict) or not block.keys() <= {*_SCOPES}:
        raise _error(_KEY, "must be an object with the lists regional and global")
    block = cast("dict[str, object]", block)
    lists = {name: tuple(_listed(text, name, block.get(name, []))) for name in _SCOPES}
    return DeclaredStacks(regional=lists["regional"], global_=lists["global"], root=root)


def _listed(text: str, scope: str, listed: object) -> Iterator[DeclaredStack]:
    if not isinstance(listed, list):
        raise _error((*_KEY, scope), 'must be a list of classes, such as "my_stacks:MyStack"')
    for index, name in enumerate(cast("list[object]", listed)):
        steps = (*_KEY, scope, index)
        if not isinstance(name, str):
            raise _error(steps, 'must be the name of a class, such as "my_stacks:MyStack"')
        before = text.partition(json.dumps(name))[0]
        yield DeclaredStack(source=name, file=MARK, line=before.count("\n") + 1, key=dotted(steps))


def _error(steps: tuple[str | int, ...], message: str) -> SettingsError:
    return SettingsError((Mistake(MARK, None, dotted(steps), ABSENT, message),))
