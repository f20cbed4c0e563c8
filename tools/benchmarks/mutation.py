"""A fault to plant into the code, and its file `code_mutants.toml`."""

import ast
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("code_mutants.toml")


class MutationError(Exception):
    """A mutation that cannot be applied to the code as it is; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """Replaces `old` by `new` in a definition: a function, a class, a method or a constant.

    `at` is its qualified name, such as `modules.switch.Switch.__init__`.
    """

    name: str
    at: str
    old: str
    new: str

    def applied(self, tree: Path) -> tuple[Path, str]:
        """Return the changed file of a tree, and its new text; nothing is written.

        Raises MutationError unless `at` is defined and contains `old` exactly once, and if the
        result is not valid Python.
        """
        file, names = self._file(tree)
        source = file.read_text(encoding="utf-8")
        lines = source.split("\n")
        node = _definition(ast.parse(source).body, names)
        if node is None:
            raise MutationError(f"{self.name}: {file.relative_to(tree)} does not define {self.at}")
        first, last = node.lineno - 1, node.end_lineno or node.lineno
        definition = "\n".join(lines[first:last])
        if (count := definition.count(self.old)) != 1:
            raise MutationError(f"{self.name}: {self.at} has {self.old!r} {count} times, not once")
        changed = definition.replace(self.old, self.new)
        text = "\n".join((*lines[:first], changed, *lines[last:]))
        try:
            ast.parse(text)
        except SyntaxError as error:
            raise MutationError(f"{self.name}: {self.new!r} is not valid there: {error}") from None
        return file, text

    def _file(self, tree: Path) -> tuple[Path, Sequence[str]]:
        parts = self.at.split(".")
        for count in range(len(parts) - 1, 0, -1):
            if (file := tree.joinpath(*parts[:count]).with_suffix(".py")).is_file():
                return file, parts[count:]
        raise MutationError(f"{self.name}: no module defines {self.at}")


def mutations() -> tuple[Mutation, ...]:
    """Read the mutations, in the order of the file."""
    records = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(Mutation(name=name, **record) for name, record in records.items())


def _definition(body: Iterable[ast.stmt], names: Sequence[str]) -> ast.stmt | None:
    """Return the definition with a qualified name; None without one."""
    name, *further = names
    for node in body:
        if name in _defined(node):
            inner: Iterable[ast.stmt] = getattr(node, "body", ())
            return _definition(inner, further) if further else node
    return None


def _defined(node: ast.stmt) -> Sequence[str]:
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            return (node.name,)
        case ast.Assign():
            return [each.id for target in node.targets for each in _names(target)]
        case ast.AnnAssign():
            return [each.id for each in _names(node.target)]
        case _:
            return ()


def _names(target: ast.expr) -> Iterable[ast.Name]:
    return (each for each in ast.walk(target) if isinstance(each, ast.Name))
