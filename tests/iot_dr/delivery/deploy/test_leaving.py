"""A region does not leave while devices are led to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dns.rdatatype import RdataType

from iot_dr.cli.progress import Progress
from iot_dr.common.waiting import Patience
from iot_dr.delivery.deploy.deployment import Deployment
from iot_dr.delivery.deploy.leaving import StillLedToError, refuse_led_to
from iot_dr.observe.status.network import Limits, Network
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform_json.provider_choice import Provider
from tests.support.name_servers import NAME_SERVERS, NameServers, name_servers
from tests.support.settings import settings

WEST, CENTRAL, NORTH = "eu-west-1", "eu-central-1", "eu-north-1"
BEFORE = settings(regions=[WEST, CENTRAL, NORTH])
AFTER = settings(regions=[WEST, CENTRAL], leaving=[NORTH])


@pytest.fixture
def names() -> Iterator[NameServers]:
    with name_servers(BEFORE, {}) as servers:
        yield servers


@pytest.fixture
def network(names: NameServers) -> Network:
    return Network(
        resolvers=(names.own.resolver,),
        authority_port=names.own.port,
        limits=Limits(dns=0.6, total=3.0),
    )


def told(network: Network) -> list[str]:
    said: list[str] = []
    refuse_led_to(AFTER, network, said.append)
    return said


def test_a_region_that_devices_are_led_to_does_not_leave(
    names: NameServers, network: Network
) -> None:
    names.route53.away = frozenset({WEST, CENTRAL})
    with pytest.raises(StillLedToError) as refusal:
        told(network)
    assert str(refusal.value) == (
        f"leaving: eu-north-1: {NAME_SERVERS[0]}, {NAME_SERVERS[1]} still lead"
        f" {AFTER.device_name} there, so devices would be cut off; see `iot-dr status --env dev`"
        " for what keeps the other regions from answering, and deploy once one of them does"
        " (docs/runbooks/remove-region.md)"
    )


@pytest.mark.parametrize("away", [set[str](), {WEST}])
def test_a_region_that_nothing_leads_to_leaves_without_a_word(
    away: set[str], names: NameServers, network: Network
) -> None:
    names.route53.away = frozenset(away)
    assert told(network) == []


def test_a_server_without_an_answer_for_the_name_leads_nowhere(
    names: NameServers, network: Network
) -> None:
    names.own.own[AFTER.device_name, RdataType.CNAME] = []
    assert told(network) == []


def test_servers_that_do_not_answer_are_told(names: NameServers, network: Network) -> None:
    names.own.is_silent = True
    (note,) = told(network)
    assert note.startswith(f"Whether {AFTER.device_name} still leads to eu-north-1 is not known: ")


def test_without_a_region_that_leaves_nobody_is_asked(names: NameServers, network: Network) -> None:
    refuse_led_to(BEFORE, network, lambda _note: pytest.fail("said something"))
    assert names.own.asked == []


def test_a_real_deploy_asks_before_it_begins(names: NameServers, network: Network) -> None:
    names.route53.away = frozenset({WEST, CENTRAL})
    deployment = Deployment(
        settings=AFTER,
        provider=Provider.AWS,
        network=network,
        lookup=lambda _zone: frozenset(),
        patience=Patience(limit=0),
        tell=pytest.fail,
        log=RunLog(Path("deploy.log")),
        progress=Progress(()),
    )
    with pytest.raises(StillLedToError):
        deployment.deploy()
