"""How a module is made of constructs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from iot_dr.emit.contract import Variable
from iot_dr.emit.module_stack import ModuleStack
from iot_dr.emit.optional import Optional


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """A module's name and words, what it asks for, and what puts its constructs into a stack.

    `aliases` are the provider configurations that a call hands over, none where the module has the
    one that it inherits. `build` gives what is there under a condition alone. `values` are what
    examples hand over where they do not hand over the usual. `notes` are paragraphs in Markdown.
    """

    name: str
    title: str
    purpose: str
    variables: tuple[Variable, ...]
    build: Callable[[ModuleStack], tuple[Optional, ...]]
    aliases: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    notes: tuple[str, ...] = ()
