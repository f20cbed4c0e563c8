import copy
import random
import zipfile
from typing import Any

import pytest

from iot_dr.terraform.standin.applying import apply_plan
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.planning import ProviderSettings, plan_change
from iot_dr.terraform.standin.schema import CtyType, SchemaBlock
from iot_dr.terraform.standin.services import behaviour_of
from iot_dr.terraform.standin.values import UNKNOWN, decode_value, encode_value, has_unknown

SETTINGS = ProviderSettings(Origin("111111111111", "eu-west-1"), {"project": "example"})
DEEPEST = 3


class Configurations:
    """Makes up configurations that fit a block: each argument left out, of its type, or as said."""

    def __init__(self, seed: int, *others: Any) -> None:
        self._random = random.Random(seed)  # noqa: S311 - test data
        self._others = others

    def block(self, block: SchemaBlock, depth: int = 0) -> dict[str, Any]:
        config: dict[str, Any] = {
            name: self._argument(
                attribute.type, is_argument=attribute.required or attribute.optional
            )
            for name, attribute in block.attributes.items()
        }
        for name, nested in block.blocks.items():
            inner = [self.block(nested.block, depth + 1)] if depth < DEEPEST else []
            chosen = inner if self._random.random() < 0.5 else []
            if nested.nesting == "single":
                config[name] = chosen[0] if chosen else None
            elif nested.nesting == "map":
                config[name] = dict.fromkeys("k", *chosen) if chosen else {}
            else:
                config[name] = chosen
        return config

    def _argument(self, type_: CtyType, *, is_argument: bool) -> Any:
        choices = (None, self._of_type(type_), *self._others)
        return self._random.choice(choices) if is_argument else None

    def _of_type(self, type_: CtyType) -> Any:
        if isinstance(type_, str):
            return {"string": "text", "number": 7, "bool": True, "dynamic": None}[type_]
        kind, inner = type_
        if kind == "object":
            return {name: self._of_type(member) for name, member in inner.items()}
        return {"k": self._of_type(inner)} if kind == "map" else [self._of_type(inner)]


def resource_types(cache: SchemaCache) -> list[str]:
    names = zipfile.ZipFile(cache.folder / "schema.zip").namelist()
    types = [name.removesuffix(".json") for name in names if name.startswith("resource/")]
    return [name.removeprefix("resource/") for name in types]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_made_of_any_type_is_known_and_stays(cache: SchemaCache, seed: int) -> None:
    configurations = Configurations(seed)
    names = resource_types(cache)
    assert len(names) > 1500
    for name in names[seed::3]:
        block, behaviour = cache.block("resource", name), behaviour_of("resource", name)
        config = configurations.block(block)
        planned = plan_change(block, behaviour, None, copy.deepcopy(config), SETTINGS)
        state = apply_plan(name, block, behaviour, planned.state, SETTINGS.origin)
        assert not has_unknown(state), name
        assert state.keys() == config.keys(), name
        assert decode_value(encode_value(state)) == state, name
        again = plan_change(block, behaviour, state, copy.deepcopy(state), SETTINGS)
        assert (again.state, again.replace) == (state, []), name


@pytest.mark.parametrize("seed", range(3))
def test_what_is_not_known_yet_of_any_type_stays_unknown(cache: SchemaCache, seed: int) -> None:
    configurations = Configurations(seed, UNKNOWN)
    for name in resource_types(cache)[seed::3]:
        block, behaviour = cache.block("resource", name), behaviour_of("resource", name)
        config = configurations.block(block)
        planned = plan_change(block, behaviour, None, copy.deepcopy(config), SETTINGS)
        unknown = {each for each, value in config.items() if value == UNKNOWN} - {"tags_all"}
        assert {each for each in unknown if planned.state[each] != UNKNOWN} == set(), name
