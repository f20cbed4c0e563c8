"""A step of a change of regions is refused until all is ready for it.

The states are made up, in the sandbox's S3, which the configuration file of AWS names.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from environments.errors import SettingsError
from environments.loader import load
from environments.settings import Settings
from iot_dr.delivery.deploy.served_regions import NotServedError
from iot_dr.delivery.region_change import change_of_plan, refuse_apply
from iot_dr.observe.status.network import NETWORK, Network
from iot_dr.terraform.sandbox.sandbox import Sandbox
from iot_dr.terraform_json.provider_choice import Provider
from tests.iot_dr.delivery.test_planning import states
from tests.support.command import iot_dr_here
from tests.support.settings import REGIONS
from tests.support.within import within

WEST, CENTRAL, NORTH = REGIONS[:3]


def put(sandbox: Path, *order: str, leaving: tuple[str, ...] = ()) -> None:
    """Write the states of the global stacks of `dev` after a deployment of some regions."""
    stored: dict[str, dict[str, Any]] = states(order, WEST)
    stored["entry-point"]["outputs"]["primary_region"]["value"] = WEST
    stored["state"]["outputs"] = {"leaving_regions": {"value": leaving}}
    folder = sandbox / "s3" / load("dev", {}).state_bucket(WEST) / "dev"
    folder.mkdir(parents=True)
    for name, content in stored.items():
        file = folder / f"iot-dev-{name}.tfstate"
        file.write_text(json.dumps(content), encoding="utf-8")


class Account:
    """The state buckets of `dev`, and the command that deploys it."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox.folder
        self._folder = folder
        settings = load("dev", {}).model_copy(update={"leaving_regions": (NORTH,)})
        sandbox.create_buckets(settings.state_buckets)
        config = folder / "config"
        config.write_text(f"[default]\nendpoint_url = {sandbox.endpoint}\n", encoding="utf-8")
        self._variables = {**sandbox.environment, "AWS_CONFIG_FILE": str(config)}
        del self._variables["AWS_ENDPOINT_URL"]

    def deploy(self, *options: str, **variables: str) -> CompletedProcess[str]:
        """Run the command where no resolver answers."""
        command = ("deploy", "--env", "dev", "--provider", "aws", "--yes", *options)
        with within(NETWORK, Network(resolvers=())):
            return iot_dr_here(*command, cwd=self._folder, **self._variables, **variables)

    def apply(self, target: Settings, *stacks: str, unserved: tuple[str, ...] = ()) -> list[str]:
        """Refuse to apply plans of these stacks where no resolver answers; return warnings."""
        warnings: list[str] = []
        with pytest.MonkeyPatch.context() as patch, within(NETWORK, Network(resolvers=())):
            for name, value in self._variables.items():
                patch.setenv(name, value)
            refuse_apply(target, {*stacks}, unserved, warnings.append)
        return warnings


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    with Sandbox(tmp_path / "s3", load("dev", {}).account_id) as sandbox:
        yield Account(sandbox, tmp_path)


def test_a_deploy_destroys_no_region_before_those_that_stay_serve(account: Account) -> None:
    put(account.sandbox, WEST, CENTRAL, NORTH)
    refused = account.deploy("--leave", NORTH)
    assert refused.returncode == 1
    assert f"lead no device to {NORTH} any more and destroy" in refused.stderr
    assert f"not yet: mqtt-{WEST}.iot-dev.example.com does not serve devices" in refused.stderr


def test_a_deploy_destroys_no_region_that_it_does_not_name(account: Account) -> None:
    put(account.sandbox, WEST, CENTRAL, leaving=(NORTH,))
    refused = account.deploy()
    assert refused.returncode == 2
    assert f"{NORTH} would be destroyed" in refused.stderr
    named = account.deploy("--leave", NORTH).stderr
    assert "would be destroyed" not in named
    assert "home_region: eu-west-1: not promoted" in named


def test_a_deploy_makes_no_region_the_primary_that_does_not_serve(account: Account) -> None:
    put(account.sandbox, WEST, CENTRAL)
    refused = account.deploy(PRIMARY_REGION=CENTRAL)
    assert refused.returncode == 1
    assert f"make {CENTRAL} the primary, once it serves devices: not yet" in refused.stderr
    assert f"to accept that: --unserved {CENTRAL}" in refused.stderr
    accepted = account.deploy("--unserved", CENTRAL, PRIMARY_REGION=CENTRAL).stderr
    # The next check: the states are made up.
    assert "is not the state of this stack" in accepted


def test_an_apply_makes_no_region_the_primary_that_does_not_serve(account: Account) -> None:
    put(account.sandbox, WEST, CENTRAL)
    target = load("dev", {"PRIMARY_REGION": CENTRAL})
    with pytest.raises(NotServedError, match=f"--unserved {CENTRAL}"):
        account.apply(target, "iot-dev-entry-point")
    assert account.apply(target, "iot-dev-entry-point", unserved=(CENTRAL,)) == []
    # Another wave changes no record, and may be what lets the region serve.
    assert account.apply(target, f"iot-dev-iot-{CENTRAL}") == []


def test_an_apply_lets_no_region_leave_before_those_that_stay_serve(account: Account) -> None:
    put(account.sandbox, WEST, CENTRAL, NORTH)
    target = load("dev", {}).model_copy(update={"leaving_regions": (NORTH,)})
    with pytest.raises(NotServedError, match=f"lead no device to {NORTH} any more"):
        account.apply(target, "iot-dev-state")
    # Where devices are led is looked up for each wave, and reported if no server can be asked.
    (unknown,) = account.apply(target, f"iot-dev-iot-{NORTH}")
    assert unknown.startswith(f"Whether mqtt.iot-dev.example.com still leads to {NORTH} is not kn")


def test_a_wave_that_needs_too_many_regions_names_the_line(tmp_path: Path) -> None:
    put(tmp_path, *REGIONS)
    chosen = load("dev", {}).model_copy(update={"regions": (*REGIONS[:4], "eu-west-3")})
    with pytest.raises(SettingsError, match=r"dev\.yaml:\d+: regions: eu-west-3 cannot be added"):
        change_of_plan(chosen, Provider.STANDIN, None, tmp_path)
