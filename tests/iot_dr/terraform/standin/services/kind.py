"""A resource type driven as Terraform drives the provider, without Terraform."""

import copy
from typing import Any

from iot_dr.terraform.standin.applying import apply_plan
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.checking import check_config
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.planning import ProviderSettings, ResourcePlan, plan_change
from iot_dr.terraform.standin.schema import SchemaBlock
from iot_dr.terraform.standin.services import behaviour_of

ACCOUNT, REGION = "111111111111", "eu-west-1"
SETTINGS = ProviderSettings(Origin(ACCOUNT, REGION))


class Kind:
    """One type with the arguments that every test of it gives."""

    def __init__(self, cache: SchemaCache, name: str, /, **arguments: Any) -> None:
        self._name = name
        self._block = cache.block("resource", name)
        self._behaviour = behaviour_of("resource", name)
        self._arguments = arguments

    def refused(self, **changes: Any) -> str:
        """Return all that is said against the arguments; an argument of None is left out."""
        problems = check_config(self._block, self._behaviour, self._config(changes))
        return "\n".join(problem.detail for problem in problems)

    def plan(self, **changes: Any) -> dict[str, Any]:
        """Plan a new resource."""
        config = self._config(changes)
        return plan_change(self._block, self._behaviour, None, config, SETTINGS).state

    def apply(self, **changes: Any) -> dict[str, Any]:
        """Make a new resource."""
        planned = self.plan(**changes)
        return apply_plan(self._name, self._block, self._behaviour, planned, SETTINGS.origin)

    def replaced_by(self, **changes: Any) -> list[str]:
        """Name the arguments for which a change of the resource needs a new one."""
        return [str(path[0]) for path in self._changed(self.apply(), changes).replace]

    def changed(self, prior: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Plan a change of a resource that was applied."""
        return self._changed(prior, changes).state

    def _changed(self, prior: dict[str, Any], changes: dict[str, Any]) -> ResourcePlan:
        config = self._config(changes)
        kept = {
            name: prior[name]
            for name, attribute in self._block.attributes.items()
            if attribute.computed and config[name] is None
        }
        proposed = {**config, **kept}
        return plan_change(self._block, self._behaviour, prior, proposed, SETTINGS)

    def _config(self, changes: dict[str, Any]) -> dict[str, Any]:
        return _whole(self._block, copy.deepcopy({**self._arguments, **changes}))


def _whole(block: SchemaBlock, given: dict[str, Any]) -> dict[str, Any]:
    """Fill in a null for each attribute, and an empty list for each block, that is not given."""
    assert given.keys() <= block.attributes.keys() | block.blocks.keys()
    whole = {name: given.get(name) for name in block.attributes}
    for name, nested in block.blocks.items():
        members: Any = given.get(name)
        is_single = nested.nesting not in ("list", "set")
        inner = [_whole(nested.block, member) for member in members or ()]
        whole[name] = members if is_single else inner
    return whole
