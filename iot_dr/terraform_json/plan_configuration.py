"""What the `configuration` of a plan says around its resources."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from iot_dr.terraform_json.json_value import Json, mapping, sequence, text
from iot_dr.terraform_json.place import module_of, without_keys
from iot_dr.terraform_json.plan_expression import escaped_all, stated
from iot_dr.terraform_json.region import known_text


@dataclass(frozen=True, slots=True)
class PlanConfiguration:
    """The blocks of resources and the definitions, by addresses without keys; and the providers."""

    blocks: Mapping[str, Mapping[str, Json]]
    definitions: Mapping[str, Json]
    providers: Mapping[str, str | None]
    configured: frozenset[str] = field(default_factory=frozenset[str])

    @classmethod
    def of(cls, plan: Mapping[str, Json]) -> "PlanConfiguration":
        """Read the configuration of a plan; one of a plan without any is empty."""
        configuration = mapping(plan.get("configuration"))
        root = mapping(configuration.get("root_module"))
        blocks: dict[str, Mapping[str, Json]] = {}
        definitions = dict(_root_variables(plan, root))
        for path, module in _modules(root):
            for body in _bodies(module):
                address = f"{path}{text(body.get('address'))}"
                blocks[address] = body
                if (made_from := stated(body.get("for_each_expression"))) is not None:
                    definitions[f"{address}.each"] = made_from
            definitions.update(_names(path, module))
        bodies = mapping(configuration.get("provider_config"))
        providers = dict(_providers(bodies, definitions))
        configured = {each for each in providers if "expressions" in mapping(bodies[each])}
        aliased = {each for each in providers if "." in each}
        if not aliased:
            configured |= providers.keys()
        return cls(blocks, definitions, providers, frozenset(configured | aliased))

    def block(self, address: str) -> Mapping[str, Json]:
        """Give the block of an instance; an empty one where configuration has none any more."""
        return self.blocks.get(without_keys(address), {})

    def provider(self, address: str) -> str | None:
        """Give the key of the provider configuration that a resource uses.

        None where it names none and there is none without alias: a plan does not tell an empty
        `provider "aws" {}` from one that is not there, and neither gives a region.
        """
        key = text(self.block(address).get("provider_config_key"))
        if key not in self.providers:
            # In a module that was given no provider by name, it is its caller's.
            key = key.rpartition(":")[2]
        return key if key in self.configured and key != "terraform" else None


def _modules(root: Mapping[str, Json]) -> Iterator[tuple[str, Mapping[str, Json]]]:
    waiting: list[tuple[str, Mapping[str, Json]]] = [("", root)]
    while waiting:
        path, module = waiting.pop()
        yield path, module
        for name, call in mapping(module.get("module_calls")).items():
            waiting.append((f"{path}module.{name}.", mapping(mapping(call).get("module"))))


def _bodies(module: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    for each in sequence(module.get("resources")):
        # Those of a plan that is not whole in memory are no dicts.
        if isinstance(each, Mapping):
            yield cast("Mapping[str, Json]", each)


def _root_variables(
    plan: Mapping[str, Json], root: Mapping[str, Json]
) -> Iterator[tuple[str, Json]]:
    for name, body in mapping(root.get("variables")).items():
        yield f"var.{name}", escaped_all(mapping(body).get("default"))
    for name, body in mapping(plan.get("variables")).items():
        yield f"var.{name}", escaped_all(mapping(body).get("value"))


def _names(path: str, module: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield the outputs of a module, and what its calls of others give to their variables."""
    for name, body in mapping(module.get("outputs")).items():
        value = stated(mapping(body).get("expression"))
        if value is not None:
            yield f"{path}output.{name}", value
    for name, body in mapping(module.get("module_calls")).items():
        call, called = mapping(body), f"{path}module.{name}"
        if (made_from := stated(call.get("for_each_expression"))) is not None:
            yield f"{called}.each", made_from
        given = mapping(call.get("expressions"))
        variables = mapping(mapping(call.get("module")).get("variables"))
        for variable in {**variables, **given}:
            default = escaped_all(mapping(variables.get(variable)).get("default"))
            value = stated(given[variable]) if variable in given else default
            if value is not None:
                yield f"{called}.var.{variable}", value


def _providers(
    bodies: Mapping[str, Json], definitions: Mapping[str, Json]
) -> Iterator[tuple[str, str | None]]:
    for key, body in bodies.items():
        path = module_of(f"{text(mapping(body).get('module_address'))}.")
        region = stated(mapping(mapping(body).get("expressions")).get("region"))
        yield key, known_text(_in_module(region, path), definitions)


def _in_module(value: Json, path: str) -> Json:
    """Write a module's own variable as the definitions have it."""
    if path and isinstance(value, str) and value.startswith("${var."):
        return f"${{{path}{value[2:]}"
    return value
