"""Definition of an emitted module."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from iot_dr.emit.contract import Variable
from iot_dr.emit.module_stack import EmittedModuleStack
from iot_dr.emit.optional import Optional


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """A module's name, texts, variables, and the function that adds its constructs to a stack.

    `aliases` are the provider configurations that a call must pass; none if the module uses the
    inherited one. `build` returns the conditional resources. `values` override the usual argument
    values in examples. `notes` are paragraphs in Markdown; `first` are those of what to know
    before the first apply, in which `NAME` is the call's name. `files` are the constructs of each
    file besides `main.tf`, see `source_files`.
    """

    name: str
    title: str
    purpose: str
    variables: tuple[Variable, ...]
    build: Callable[[EmittedModuleStack], tuple[Optional, ...]]
    aliases: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    first: str = ""
    notes: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict[str, str])
