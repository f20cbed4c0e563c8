"""The page of the public API, from its signatures and docstrings; run as a module to write it."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from types import FunctionType, ModuleType

from environments.settings import Settings
from iot_dr import api, constructs, judging
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.support.command import ROOT
from tests.support.judge_example import EXAMPLE, example_output

PAGE = ROOT / "docs" / "reference" / "api.md"
CONSTRUCT = ROOT / "examples" / "one-construct" / "app.py"
_MEMBERS = (FunctionType, classmethod, property, cached_property)
_HEAD = """\
# API of iot-dr

Three modules have stable names, in the repository and in the wheel: `iot_dr.judging`, with which
any program judges Terraform, `iot_dr.api`, with which a project builds its own app and stacks, and
`iot_dr.constructs`, whose constructs any CDKTF app puts into its stacks. The wheel has annotations
for type checkers (`py.typed`).
Semantic versioning applies to the names on this page.

## iot_dr.judging: judge Terraform

The rules of `iot-dr check` and the proof of `iot-dr prove` as objects, for the JSON of any
Terraform: a plan or a state as `terraform show -json` writes it, or a configuration in JSON. The
module reads no settings, starts no engine, and needs Python and msgspec alone.

[examples/judge-a-plan/judge.py](../../examples/judge-a-plan/judge.py) is a whole program:

```python
{example}```

For the plan of the README's example it ends with the status 1, and prints:

```json
{output}```

A file that cannot be read is a `UserError`. Names and messages are from the plan, whose author may
not be trusted: escape control characters before a terminal shows them, as JSON does here.
"""
_API_HEAD = """\
## iot_dr.api: build an app

What a project's own code imports, as in `from iot_dr.api import BaseStack`.
[own-stacks.md](../how-to/own-stacks.md) shows it in use.
"""

_CONSTRUCTS_HEAD = """\
## iot_dr.constructs: use one construct

Each construct creates its resources in any stack of a CDKTF app, without settings and with
providers of the app. [examples/one-construct/app.py](../../examples/one-construct/app.py) is a
whole app:

```python
{example}```

A string may be a token of CDKTF or an expression of Terraform. A number that Terraform computes is
`Unknown("var.ttl")`. Inputs that cannot be right are refused with an `InputError`.

Logical ids are fixed, so that moving a construct destroys nothing. A second construct of a class in
a stack needs a name, `HostedZone(Named(self, "blue"), "zone", ...)`: without it the constructor
raises a ValueError that says so. What Terraform calls the first one never depends on the second.
"""


def page() -> str:
    """Return the page."""
    example, output = EXAMPLE.read_text(encoding="utf-8"), example_output()
    lines = [_HEAD.format(example=example, output=output), *_entries(judging)]
    example = CONSTRUCT.read_text(encoding="utf-8")
    lines += [_API_HEAD, *_entries(api), _CONSTRUCTS_HEAD.format(example=example)]
    return "\n".join([*lines, *_entries(constructs)])


def _entries(module: ModuleType) -> Iterator[str]:
    for name in module.__all__:
        yield from _entry(name, getattr(module, name))


def _entry(name: str, value: object) -> Iterator[str]:
    is_class = inspect.isclass(value)
    yield f"### {name}\n"
    yield f"```python\n{'class ' if is_class else ''}{name}{_signature(value)}\n```\n"
    yield f"{_paragraphs(inspect.getdoc(value))}\n"
    if is_class and not issubclass(value, Exception | ResourceSet):
        members = [*_fields(value), *_attributes(value), *_methods(value)]
        yield from members
        yield from [""] if members else []


def _methods(class_: type) -> Iterator[str]:
    for name, member in vars(class_).items():
        if not name.startswith(("_", "model_")) and isinstance(member, _MEMBERS):
            text = _paragraphs(inspect.getdoc(member)).replace("\n\n", " ")
            yield f"- `{name}{_signature(member)}`: {text}"


def _fields(class_: type) -> Iterator[str]:
    """Yield the keys of an environment's file."""
    if issubclass(class_, Settings):
        for name, field in class_.model_fields.items():
            text = _paragraphs(field.description).replace("\n\n", " ")
            yield f"- `{name}`: {text}" if text else f"- `{name}`"


def _attributes(class_: type) -> Iterator[str]:
    """Yield the class variables that have a docstring below them, those of our bases first."""
    for base in class_.__bases__:
        if base.__module__.partition(".")[0] == "stacks":
            yield from _attributes(base)
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(class_))).body
    assert isinstance(tree, ast.ClassDef)
    for statement, text in zip(tree.body, tree.body[1:], strict=False):
        is_text = isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        if isinstance(statement, ast.AnnAssign) and is_text:
            yield f"- `{ast.unparse(statement)}`: {ast.literal_eval(ast.unparse(text))}"


def _signature(value: object) -> str:
    # The settings' arguments are in the JSON schema; CDKTF's metaclass hides a constructor's.
    is_enum = inspect.isclass(value) and issubclass(value, Enum)
    if value is Settings or is_enum or not callable(value):
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
