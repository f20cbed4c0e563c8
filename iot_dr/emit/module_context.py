"""The context of a module: names that are made of its variables."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from environments.fields import Text
from environments.regions import LONGEST_REGION
from environments.settings import Settings
from modules.context import HASH_LENGTH, Context

_UNKNOWN: Final = re.compile(r"\$\{[^}]*\}")
_IN_A_LOCAL: Final = re.compile(r"[^a-z0-9]+")


def _longest(name: str) -> int:
    """Return the most characters that a field of the settings may have."""
    rules = Settings.model_fields[name].metadata
    return next(rule.longest for rule in rules if isinstance(rule, Text))


_LONGEST_PREFIX: Final = _longest("project") + len("-") + _longest("environment") + len("-")
# Only regions stand in the middle of names.
_LONGEST_UNKNOWN: Final = len(LONGEST_REGION)
_LONGEST_RULE: Final = 64

PREFIX: Final = "prefix"
RULE_PREFIX: Final = "rule_prefix"


@dataclass(frozen=True, kw_only=True)
class ModuleContext(Context):
    """Names begin with `local.prefix`; what could become too long is cut as the stacks cut it.

    `local` writes a local value of the module: its name and its value.
    """

    local: Callable[[str, str], None]

    def name(self, suffix: str, limit: int = 64) -> str:
        """Name a thing; one that could be longer than `limit` is a local value with its cut."""
        whole = f"${{local.{PREFIX}}}-{suffix}"
        longest = _LONGEST_PREFIX + len(_UNKNOWN.sub("x" * _LONGEST_UNKNOWN, suffix))
        if longest <= limit:
            return whole
        name = "name_" + _IN_A_LOCAL.sub("_", suffix.replace("${var.", "")).strip("_")
        self.local(f"{name}_whole", whole)
        self.local(name, cut(f"local.{name}_whole", limit))
        return f"${{local.{name}}}"

    def rule_name(self, suffix: str) -> str:
        """Name a rule of AWS IoT."""
        if _LONGEST_PREFIX + len(suffix) > _LONGEST_RULE:
            message = f"{suffix}: a rule's name with it could be cut, which nothing here does"
            raise ValueError(message)
        return f"${{local.{RULE_PREFIX}}}_{suffix.replace('-', '_')}"


def cut(whole: str, limit: int) -> str:
    """Say in Terraform's language what `modules.context.shortened` does to a local value."""
    begin = f'replace(substr({whole}, 0, {limit - HASH_LENGTH - 1}), "/-+$/", "")'
    short = f'"${{{begin}}}-${{substr(sha256({whole}), 0, {HASH_LENGTH})}}"'
    return f"${{length({whole}) <= {limit} ? {whole} : {short}}}"
