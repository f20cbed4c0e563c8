"""JSON texts in arguments of resources."""

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest

from environments.settings import Settings
from tests.support.pipeline import PIPELINE
from tests.support.settings import FLEET, JUST_IN_TIME, REGIONS, settings
from tests.support.synthesis import Synthesis

PLATFORMS = [
    settings(environment="prod", regions=list(REGIONS[:3]), data={"provisioning": FLEET}),
    settings(pipeline=PIPELINE, data={"provisioning": JUST_IN_TIME}),
]


@pytest.mark.parametrize(
    "platform",
    [
        pytest.param(PLATFORMS[0], id="fleet", marks=pytest.mark.exhaustive),
        pytest.param(PLATFORMS[1], id="pipeline and just in time"),
    ],
)
def test_every_json_text_is_compact_so_that_a_later_plan_compares_equal_text(
    platform: Settings, synthesis: Synthesis
) -> None:
    texts = [
        (f"{name}: {block.type}.{block.logical_id}", text)
        for name, template in synthesis(platform).items()
        for kind in ("resource", "data")
        for block in template.blocks(kind)
        for text in _json_texts(block.body)
    ]
    assert texts
    assert [
        (where, text)
        for where, text in texts
        if text != json.dumps(json.loads(text), separators=(",", ":"))
    ] == []


def _json_texts(value: Any) -> Iterator[str]:
    members: list[Any] = value if isinstance(value, list) else []
    if isinstance(value, dict):
        members = [*cast("dict[str, Any]", value).values()]
    for member in members:
        yield from _json_texts(member)
    if isinstance(value, str) and value.lstrip()[:1] in set('{["'):
        try:
            json.loads(value)
        except ValueError:
            return  # a name in brackets, or an expression of Terraform
        yield value
