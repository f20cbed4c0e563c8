"""Health checks whose result is the same whatever happens."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

from iot_dr.rules.support.argument import text_of
from iot_dr.rules.support.health_checks import CHECK
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

# No check of a real design adds up checks so deep; a document may.
_DEEPEST: Final = 32


class Constant(Enum):
    """What a check says for ever."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"

    @property
    def inverted(self) -> "Constant":
        """The other one."""
        return Constant.UNHEALTHY if self is Constant.HEALTHY else Constant.HEALTHY


class ConstantChecks:
    """Finds the checks of a set that say the same for ever.

    A check that is disabled counts as healthy; a CALCULATED one is healthy with as many
    healthy children as its threshold says, so always with 0, never with more than it has; an
    inverted one says the opposite (docs.aws.amazon.com/Route53/latest/APIReference/
    API_HealthCheckConfig.html: Disabled, HealthThreshold, Inverted).
    """

    def __init__(self, resources: ResourceSet) -> None:
        self._resources = resources
        self._known: dict[tuple[str, str], Constant | None] = {}

    def of(self, check: Resource, depth: int = 0) -> Constant | None:
        """Give what a check says for ever, None where it follows what happens or is not known."""
        key = (check.stack, check.address)
        if key not in self._known and depth < _DEEPEST:
            # A check that adds itself up meets this.
            self._known[key] = None
            said = self._said(check, depth)
            is_inverted = _flag(check.values.get("invert_healthcheck"))
            self._known[key] = said.inverted if said and is_inverted else said
        return self._known.get(key)

    def _said(self, check: Resource, depth: int) -> Constant | None:
        if _flag(check.values.get("disabled")):
            return Constant.HEALTHY
        kind = text_of(self._resources, check, check.values.get("type")) or ""
        threshold = self._threshold(check)
        if kind.upper() != "CALCULATED" or threshold is None:
            return None
        children = check.values.get("child_healthchecks")
        if not isinstance(children, list):
            return Constant.HEALTHY if threshold <= 0 else None
        said = list(self._children(check, children, depth))
        if threshold <= said.count(Constant.HEALTHY):
            return Constant.HEALTHY
        can_be = len(said) - said.count(Constant.UNHEALTHY)
        return Constant.UNHEALTHY if threshold > can_be else None

    def _children(
        self, check: Resource, children: list[Any], depth: int
    ) -> Iterator[Constant | None]:
        for value in children:
            child = self._resources.referred(check, value)
            yield self.of(child, depth + 1) if child and child.type == CHECK else None

    def _threshold(self, check: Resource) -> int | None:
        value = self._resources.resolve(check, check.values.get("child_health_threshold"))
        if isinstance(value, str) and value.isdecimal():
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def cause(check: Resource, said: Constant) -> str:
    """Tell why a check always says what it says, in words that follow "a check"."""
    is_inverted = _flag(check.values.get("invert_healthcheck"))
    end = " and that is inverted" if is_inverted else ""
    if _flag(check.values.get("disabled")):
        return f"that is disabled{end}"
    threshold = check.values.get("child_health_threshold")
    wants = f"that wants {threshold} of its children healthy ({check.address})"
    if str(threshold) == "0":
        return f"{wants}, which none can change{end}"
    if (said.inverted if is_inverted else said) is Constant.HEALTHY:
        return f"{wants}, and as many are disabled or always healthy{end}"
    return f"{wants} and never has so many{end}"


def _flag(value: object) -> bool:
    return str(value).lower() == "true"
