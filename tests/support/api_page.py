"""docs/api.md: the public API from its signatures and docstrings; run as a module to write it."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import FunctionType

from environments.settings import Settings
from iot_dr import api

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
_MEMBERS = (FunctionType, classmethod, property, cached_property)
_HEAD = """\
# API of iot-dr

What a project's own code imports, as in `from iot_dr.api import BaseStack`. Semantic versioning
applies to these names. [own-stacks.md](own-stacks.md) shows them in use.
"""


def page() -> str:
    """Return the page."""
    return "\n".join([_HEAD, *(line for name in api.__all__ for line in _entry(name))])


def _entry(name: str) -> Iterator[str]:
    value = getattr(api, name)
    is_class = inspect.isclass(value)
    yield f"## {name}\n"
    yield f"```python\n{'class ' if is_class else ''}{name}{_signature(value)}\n```\n"
    yield f"{_paragraphs(inspect.getdoc(value))}\n"
    if is_class and not issubclass(value, Exception):
        members = [*_attributes(value), *_methods(value)]
        yield from members
        yield from [""] if members else []


def _methods(class_: type) -> Iterator[str]:
    for name, member in vars(class_).items():
        if not name.startswith(("_", "model_")) and isinstance(member, _MEMBERS):
            text = _paragraphs(inspect.getdoc(member)).replace("\n\n", " ")
            yield f"- `{name}{_signature(member)}`: {text}"


def _attributes(class_: type) -> Iterator[str]:
    """Yield the class variables that have a docstring below them."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(class_))).body
    assert isinstance(tree, ast.ClassDef)
    for statement, text in zip(tree.body, tree.body[1:], strict=False):
        is_text = isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        if isinstance(statement, ast.AnnAssign) and is_text:
            yield f"- `{ast.unparse(statement)}`: {ast.literal_eval(ast.unparse(text))}"


def _signature(value: object) -> str:
    # The settings' arguments are in the JSON schema; CDKTF's metaclass hides a constructor's.
    if value is Settings or not callable(value):
        return ""
    function = vars(value).get("__init__") if inspect.isclass(value) else value
    if function is None:
        return ""
    signature = str(inspect.signature(function)).replace("(self, ", "(").replace("(self)", "()")
    return re.sub(r"(?:[a-z_]\w*\.)+(?=[A-Z])", "", signature)


def _paragraphs(doc: str | None) -> str:
    """Return a docstring without line breaks in its paragraphs."""
    return "\n\n".join(" ".join(part.split()) for part in (doc or "").split("\n\n"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
