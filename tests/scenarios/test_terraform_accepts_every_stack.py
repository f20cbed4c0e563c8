"""Real Terraform validates every stack with the pinned provider's schema, from the stand-in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from environments.loader import load, names
from environments.settings import Settings
from iot_dr.terraform.commands import Commands
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.daemon import Daemon
from iot_dr.terraform.standin.mirror import standin_environment
from iot_dr.terraform.terraform import Terraform
from iot_dr.terraform.workspace import copy_stack
from stacks.platform_graph import platform_graph
from tests.support.settings import FLEET, REGIONS, settings
from tests.support.synthesized_once import SynthesizedOnce

# Other scenarios plan and apply the other shipped environments.
PLATFORMS = [
    pytest.param(load(name, {}), id=name, marks=() if name == "prod" else pytest.mark.exhaustive)
    for name in names()
] + [
    pytest.param(settings(regions=list(REGIONS)), id="five regions"),
    pytest.param(
        settings(
            zone={"id": "Z0EXISTING"}, deploy_role_arn="arn:aws:iam::111111111111:role/deploy"
        ),
        id="existing zone and a role",
    ),
    pytest.param(settings(zone={"create": True, "delegation": "Z0PARENT"}), id="delegated"),
    pytest.param(settings(data={"provisioning": FLEET}), id="devices that join by a claim"),
]


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    cache = SchemaCache.default()
    with Daemon(cache) as daemon:
        settings = {**standin_environment(cache), **daemon.environment}
        running = Engine.chosen({}).commands(settings)
        yield running
        running.close()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_stack_is_valid(platform: Settings, commands: Commands, tmp_path: Path) -> None:
    out = tmp_path / "out"
    SynthesizedOnce().synthesize([platform], out)
    stacks = sorted((out / "stacks").iterdir())
    assert [stack.name for stack in stacks] == sorted(
        node.name for node in platform_graph(platform).nodes
    )
    for stack in stacks:
        copy_stack(stack, tmp_path / "work" / stack.name)
        terraform = Terraform(tmp_path / "work" / stack.name, commands)
        terraform.init(backend=False)
        assert terraform.validate() == [], stack.name
