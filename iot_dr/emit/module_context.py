"""Resource names of a module, which contain its variables."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from environments.fields import Text
from environments.regions import LONGEST_REGION
from environments.settings import Settings
from modules.context import HASH_LENGTH, Context
from modules.number import Number, Unknown

_UNKNOWN: Final = re.compile(r"\$\{[^}]*\}")
_IN_A_NAME: Final = re.compile(r"[^a-z0-9]+")
# The region in a name: `${local.region}` in a module of one, else `${var.primary.region}`.
_PLACE: Final = re.compile(r"\$\{(?:local|var)\.(?:(\w+)\.)?region\}")


def _longest(name: str) -> int:
    """Return the number of characters that a settings field may have."""
    rules = Settings.model_fields[name].metadata
    return next(rule.longest for rule in rules if isinstance(rule, Text))


_LONGEST_PREFIX: Final = _longest("project") + len("-") + _longest("environment") + len("-")
# Only regions are unknown parts of names.
_LONGEST_UNKNOWN: Final = len(LONGEST_REGION)
_LONGEST_RULE: Final = 64

PREFIX: Final = "prefix"
RULE_PREFIX: Final = "rule_prefix"
ZONE: Final = 'coalesce(var.zone_name, "iot-${var.environment}.${var.domain}")'
"""The expression of the zone's name."""
RESERVED: Final = "reserved_concurrency"
"""The variable with what functions reserve, by function."""


@dataclass(frozen=True, kw_only=True)
class ModuleContext(Context):
    """Context whose names begin with `local.prefix`; long names are shortened as in the stacks.

    `shortened` takes a key, a name and its limit, and returns the name, shortened if it is longer;
    `reserves` records how many executions a function needs.
    """

    shortened: Callable[[str, str, int], str]
    reserves: Callable[[str, Number], None]

    def reserved(self, function: str, needed: Number) -> Number:
        """Return what a function reserves: needed, more, or null, as the variable says."""
        self.reserves(function, needed)
        number = needed.expression if isinstance(needed, Unknown) else needed
        return Unknown(
            f'var.{RESERVED} == null ? null : lookup(var.{RESERVED}, "{function}", {number})'
        )

    def name(self, suffix: str, limit: int = 64) -> str:
        """Return a name; a local value shortens it if it could be longer than `limit`."""
        whole = f"${{local.{PREFIX}}}-{suffix}"
        longest = _LONGEST_PREFIX + len(_UNKNOWN.sub("x" * _LONGEST_UNKNOWN, suffix))
        if longest <= limit:
            return whole
        key = _PLACE.sub(r"\1", suffix)
        return self.shortened(_IN_A_NAME.sub("_", key).strip("_"), whole, limit)

    def rule_name(self, suffix: str) -> str:
        """Return the name of an AWS IoT topic rule; raises ValueError if it may be too long."""
        if _LONGEST_PREFIX + len(suffix) > _LONGEST_RULE:
            message = f"{suffix}: too long for a rule's name, which is not shortened"
            raise ValueError(message)
        return f"${{local.{RULE_PREFIX}}}_{suffix.replace('-', '_')}"


def shortened_names(names: str) -> str:
    """Return the expression that shortens each name of a map as `modules.context.shortened` does.

    `names` is a map of objects with `name` and `limit`.
    """
    kept = f'replace(substr(each.name, 0, each.limit - {HASH_LENGTH + 1}), "/-+$/", "")'
    short = f'"${{{kept}}}-${{substr(sha256(each.name), 0, {HASH_LENGTH})}}"'
    cases = f"length(each.name) <= each.limit ? each.name : {short}"
    return f"${{{{ for key, each in {names} : key => ({cases}) }}}}"
