"""What AWS would refuse to delete keeps a destruction from beginning."""

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dns.rdatatype import RdataType

from environments.loader import load
from iot_dr.cli.outcomes import StackProgress
from iot_dr.common.waiting import PollLimits
from iot_dr.delivery.deploy.deployment import Deployment
from iot_dr.delivery.deploy.preconditions import (
    PolicyAttachedError,
    RegionStillServesError,
    refuse_attached_policies,
    refuse_serving_region,
)
from iot_dr.drill.play.account import client, variables
from iot_dr.drill.play.faults import Faults, Reply, faults_before
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.status.network import Network, QueryLimits
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph
from tests.support.aws_account import DENIED, account, lead_to
from tests.support.command import iot_dr_here
from tests.support.drill_worlds import write_stacks
from tests.support.executable import executable
from tests.support.name_servers import NAME_SERVERS, NameServers, name_servers
from tests.support.settings import settings
from tests.support.synthesis import Synthesis

SETTINGS = load("dev", {})
WEST, CENTRAL = "eu-west-1", "eu-central-1"
POLICY = "example-dev-device"
# In Terraform's place, which begins only where nothing is refused.
FAILING = """#!/bin/sh
test "$1" = version && echo '{"terraform_version": "1.12.0"}' && exit
exit 3
"""
PAGE = Reply(200, json.dumps({"targets": ["arn"] * 250}).encode(), "application/json")
DESTROY = ("destroy", "--env", "dev", "--provider", "aws", "--confirm", "dev")


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Faults]]:
    with account(SETTINGS.account_id) as moto, faults_before(moto) as faults:
        for region in (WEST, CENTRAL):
            client("iot", region, moto).create_policy(policyName=POLICY, policyDocument="{}")
        yield moto, faults


@contextmanager
def attached(moto: str, region: str, count: int) -> Generator[list[str]]:
    """Attach the devices' policy to new certificates, for a `with` block."""
    iot = client("iot", region, moto)
    made = [iot.create_keys_and_certificate()["certificateArn"] for _ in range(count)]
    for arn in made:
        iot.attach_policy(policyName=POLICY, target=arn)
    yield made
    for arn in made:
        iot.detach_policy(policyName=POLICY, target=arn)


def destroyed(faults: Faults, folder: Path) -> str:
    """Run `iot-dr destroy` against the account, which has to refuse; return what it says."""
    config = folder / "config"
    config.write_text(f"[default]\nendpoint_url = {faults.endpoint}\n", encoding="utf-8")
    program = executable(folder / "terraform", FAILING)
    led = {**variables(faults.endpoint), "AWS_CONFIG_FILE": str(config)}
    del led["AWS_ENDPOINT_URL"]
    done = iot_dr_here(*DESTROY, cwd=folder, TERRAFORM_BINARY_NAME=str(program), **led)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_policy_with_certificates_is_named_with_its_region_and_what_to_do(
    served: tuple[str, Faults], tmp_path: Path
) -> None:
    moto, faults = served
    faults.clear()
    with attached(moto, CENTRAL, 4) as arns:
        message = destroyed(faults, tmp_path)
    head, what, *advice = message.splitlines()
    assert head == "nothing is destroyed: these IoT policies are attached, or could not be checked:"
    assert what.startswith(f"  {POLICY} ({CENTRAL}): attached to 4: arn:aws:iot:{CENTRAL}:")
    assert sum(arn in what for arn in arns) == 3
    assert what.endswith(", ...")
    assert f"aws iot detach-policy --policy-name {POLICY} --region {CENTRAL}" in advice[-1]
    assert f"({WEST})" not in message


def test_a_region_that_does_not_answer_is_unknown_and_all_pages_are_read(
    served: tuple[str, Faults], synthesis: Synthesis, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, faults = served
    faults.clear()
    answers = {WEST: DENIED, CENTRAL: PAGE}
    faults.answers.append(lambda asked: answers[asked.region] if asked.service == "iot" else None)
    lead_to(faults.endpoint, monkeypatch)
    stacks = write_stacks(synthesis(SETTINGS), synthesis.folder / "written") / "stacks"
    with pytest.raises(PolicyAttachedError) as refusal:
        refuse_attached_policies(stacks, platform_graph(SETTINGS).nodes, Clients(None))
    message = str(refusal.value)
    assert f"  {POLICY} ({WEST}): not known: iot:ListTargetsForPolicy in {WEST}" in message
    assert f"  {POLICY} ({CENTRAL}): attached to 250 or more: arn, arn, arn, ..." in message
    assert "the caller needs the IAM action iot:ListTargetsForPolicy" in message


@pytest.mark.exhaustive
def test_where_nothing_is_attached_or_was_ever_made_terraform_begins(
    served: tuple[str, Faults], tmp_path: Path
) -> None:
    moto, faults = served
    faults.clear()
    client("iot", WEST, moto).delete_policy(policyName=POLICY)
    try:
        message = destroyed(faults, tmp_path)
    finally:
        client("iot", WEST, moto).create_policy(policyName=POLICY, policyDocument="{}")
    assert "iot-dev-entry-point: terraform init failed (3)" in message


WEST, CENTRAL, NORTH = "eu-west-1", "eu-central-1", "eu-north-1"
BEFORE = settings(regions=[WEST, CENTRAL, NORTH])
AFTER = settings(regions=[WEST, CENTRAL], leaving_regions=[NORTH])


@pytest.fixture
def names() -> Iterator[NameServers]:
    with name_servers(BEFORE, {}) as servers:
        yield servers


@pytest.fixture
def network(names: NameServers) -> Network:
    return Network(
        resolvers=(names.own.resolver,),
        authority_port=names.own.port,
        limits=QueryLimits(dns=0.6, total=3.0),
    )


def notes(network: Network) -> list[str]:
    said: list[str] = []
    refuse_serving_region(AFTER, network, said.append)
    return said


def test_a_region_that_devices_are_led_to_does_not_leave(
    names: NameServers, network: Network
) -> None:
    names.route53.away = frozenset({WEST, CENTRAL})
    with pytest.raises(RegionStillServesError) as refusal:
        notes(network)
    assert str(refusal.value) == (
        f"leaving_regions: eu-north-1: {NAME_SERVERS[0]}, {NAME_SERVERS[1]} still lead"
        f" {AFTER.device_name} there, so devices would be cut off; see `iot-dr status --env dev`"
        " for what keeps the other regions from answering, and deploy once one of them does"
        " (docs/runbooks/remove-region.md)"
    )


@pytest.mark.parametrize("away", [set[str](), {WEST}])
def test_a_region_that_nothing_leads_to_leaves_without_a_word(
    away: set[str], names: NameServers, network: Network
) -> None:
    names.route53.away = frozenset(away)
    assert notes(network) == []


def test_a_server_without_an_answer_for_the_name_leads_nowhere(
    names: NameServers, network: Network
) -> None:
    names.own.own[AFTER.device_name, RdataType.CNAME] = []
    assert notes(network) == []


def test_servers_that_do_not_answer_are_reported(names: NameServers, network: Network) -> None:
    names.own.is_silent = True
    (note,) = notes(network)
    assert note.startswith(f"Whether {AFTER.device_name} still leads to eu-north-1 is not known: ")


def test_without_a_region_that_leaves_nobody_is_asked(names: NameServers, network: Network) -> None:
    refuse_serving_region(BEFORE, network, lambda _note: pytest.fail("said something"))
    assert names.own.asked == []


def test_a_real_deploy_asks_before_it_begins(names: NameServers, network: Network) -> None:
    names.route53.away = frozenset({WEST, CENTRAL})
    deployment = Deployment(
        settings=AFTER,
        provider=Provider.AWS,
        network=network,
        lookup=lambda _zone: frozenset(),
        patience=PollLimits(limit=0),
        show=pytest.fail,
        log=RunLog(Path("deploy.log")),
        progress=StackProgress(()),
    )
    with pytest.raises(RegionStillServesError):
        deployment.deploy()
