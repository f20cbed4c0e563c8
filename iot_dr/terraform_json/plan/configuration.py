"""The `configuration` of a plan: modules, definitions and providers.

Resource blocks are validated at once, and decoded on access.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Raw

from iot_dr.terraform_json.json_value import Json, is_mapping, mapping, text
from iot_dr.terraform_json.lazy_mapping import LazyMapping, MappingCache
from iot_dr.terraform_json.plan.expression import as_configured, escaped_all
from iot_dr.terraform_json.plan.masks import Masking
from iot_dr.terraform_json.region import known_text
from iot_dr.terraform_json.scope import module_of, without_keys
from iot_dr.terraform_json.strict_json import items, members, parsed, size


@dataclass(frozen=True, slots=True)
class PlanConfiguration:
    """Resource blocks and definitions by address without keys, and the providers' regions.

    `outputs` are the names of the root module's outputs. `configured` are the providers that count
    as configured: a plan does not distinguish an empty `provider "aws" {}` from a missing one.
    """

    blocks: Mapping[str, Mapping[str, Json]]
    definitions: Mapping[str, Json]
    providers: Mapping[str, str | None]
    configured: frozenset[str]
    outputs: tuple[str, ...]

    def block(self, address: str) -> Mapping[str, Json]:
        """Return the block of an instance; an empty one if it is no longer in the configuration."""
        return self.blocks.get(without_keys(address), {})

    def provider(self, address: str) -> str | None:
        """Return the key of the provider configuration that a resource uses.

        None if it is not among `configured`, and so has no region, or is Terraform's own provider.
        """
        key = text(self.block(address).get("provider_config_key"))
        if key not in self.providers:
            # A module without `providers` inherits its caller's provider configuration.
            key = key.rpartition(":")[2]
        return key if key in self.configured and key != "terraform" else None


def read_configuration(
    raw: Raw, variables: Json, masking: Masking, cache: MappingCache
) -> PlanConfiguration:
    """Read a configuration, and mask the values that it declares sensitive, also in `variables`.

    Raises RefusedJsonError if it is not in a plan's format.
    """
    parts = members(raw.copy(), "configuration")
    root = parts.pop("root_module", None)
    modules = list(
        _modules({} if root is None else _module(root, cache, "configuration.root_module"))
    )
    parts_ = {name: parsed(each, f"configuration.{name}") for name, each in parts.items()}
    _learn(masking, modules, variables)
    blocks: dict[str, Mapping[str, Json]] = {}
    definitions = dict(_root_variables(variables, modules[0].body))
    for module in modules:
        for block in module.body.get("resources", ()):
            address = f"{module.path}{text(block.get('address'))}"
            blocks[address] = block
            if (made_from := as_configured(block.get("for_each_expression"))) is not None:
                definitions[f"{address}.each"] = made_from
        definitions.update(_names(module))
    bodies = mapping(parts_.get("provider_config"))
    providers = dict(_providers(bodies, definitions))
    configured = {each for each in providers if "expressions" in mapping(bodies[each])}
    aliased = {each for each in providers if "." in each}
    if not aliased:
        configured |= providers.keys()
    return PlanConfiguration(
        blocks=blocks,
        definitions=definitions,
        providers=providers,
        configured=frozenset(configured | aliased),
        outputs=tuple(mapping(modules[0].body.get("outputs"))),
    )


class _Block(LazyMapping):
    """The block of a resource."""

    __slots__ = ("_cache", "_raw")

    def __init__(self, raw: Raw, cache: MappingCache, where: str) -> None:
        parsed(raw, where)
        self._raw = raw
        self._cache = cache

    @property
    def cache(self) -> MappingCache:
        return self._cache

    @property
    def size(self) -> int:
        return size(self._raw)

    def load(self) -> Mapping[str, Json]:
        return mapping(msgspec.json.decode(self._raw))


@dataclass(frozen=True, slots=True)
class _Module:
    """A module: its path (empty, or ending with a dot), and the arguments of its call."""

    path: str
    body: Mapping[str, Any]
    given: Mapping[str, Json]

    def sensitive(self, what: str) -> dict[str, dict[str, Json]]:
        """Return the variables or outputs that are declared sensitive."""
        declared = mapping(self.body.get(what)).items()
        return {name: mapping(body) for name, body in declared if mapping(body).get("sensitive")}


def _module(raw: Raw, cache: MappingCache, where: str) -> dict[str, Any]:
    contents: dict[str, Any] = {}
    for name, part in members(raw, where).items():
        inner = f"{where}.{name}"
        if name == "resources":
            contents[name] = [_Block(each, cache, inner) for each in items(part, inner)]
        elif name == "module_calls":
            contents[name] = {
                call: _call(call_part, cache, f"{inner}.{call}")
                for call, call_part in members(part, inner).items()
            }
        else:
            contents[name] = parsed(part, inner)
    return contents


def _call(raw: Raw, cache: MappingCache, where: str) -> dict[str, Any]:
    return {
        name: _module(part, cache, f"{where}.{name}")
        if name == "module"
        else parsed(part, f"{where}.{name}")
        for name, part in members(raw, where).items()
    }


def _modules(root: Mapping[str, Any]) -> Iterator[_Module]:
    pending = [_Module("", root, {})]
    while pending:
        module = pending.pop()
        yield module
        for name, call in mapping(module.body.get("module_calls")).items():
            path = f"{module.path}module.{name}."
            pending.append(
                _Module(path, mapping(call.get("module")), mapping(call.get("expressions")))
            )


def _learn(masking: Masking, modules: list[_Module], variables: Json) -> None:
    """Record the values of sensitive variables and outputs, and mask them."""
    for name in modules[0].sensitive("variables"):
        _take(masking, mapping(variables).get(name), "value")
    for module in modules:
        for name, body in module.sensitive("variables").items():
            _take(masking, body, "default")
            _take(masking, module.given.get(name), "constant_value")
        for body in module.sensitive("outputs").values():
            _take(masking, body.get("expression"), "constant_value")


def _take(masking: Masking, holder: Json, key: str) -> None:
    if is_mapping(holder) and key in holder:
        masking.add(holder[key])
        # An expression is needed to follow references, even if its text contains a secret.
        if not holder.get("references"):
            holder[key] = masking.replaced(holder[key])


def _root_variables(variables: Json, root: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for name, body in mapping(root.get("variables")).items():
        yield f"var.{name}", escaped_all(mapping(body).get("default"))
    for name, body in mapping(variables).items():
        yield f"var.{name}", escaped_all(mapping(body).get("value"))


def _names(module: _Module) -> Iterator[tuple[str, Json]]:
    """Yield the outputs of a module, and the arguments of its module calls."""
    path = module.path
    for name, body in mapping(module.body.get("outputs")).items():
        value = as_configured(mapping(body).get("expression"))
        if value is not None:
            yield f"{path}output.{name}", value
    for name, call in mapping(module.body.get("module_calls")).items():
        called = f"{path}module.{name}"
        if (made_from := as_configured(call.get("for_each_expression"))) is not None:
            yield f"{called}.each", made_from
        given = mapping(call.get("expressions"))
        variables = mapping(mapping(call.get("module")).get("variables"))
        for variable in {**variables, **given}:
            default = escaped_all(mapping(variables.get(variable)).get("default"))
            value = as_configured(given[variable]) if variable in given else default
            if value is not None:
                yield f"{called}.var.{variable}", value


def _providers(
    bodies: Mapping[str, Json], definitions: Mapping[str, Json]
) -> Iterator[tuple[str, str | None]]:
    for key, body in bodies.items():
        path = module_of(f"{text(mapping(body).get('module_address'))}.")
        region = as_configured(mapping(mapping(body).get("expressions")).get("region"))
        # `var` of a module, under the key that the definitions have.
        if path and isinstance(region, str) and region.startswith("${var."):
            region = f"${{{path}{region[2:]}"
        yield key, known_text(region, definitions)
