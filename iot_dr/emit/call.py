"""A call of one module by another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Call:
    """The module, the provider configurations it is handed, and its arguments."""

    module: str
    providers: Mapping[str, str]
    arguments: Mapping[str, Any]
