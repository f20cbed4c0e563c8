"""The delegation of the zone and the issuers of its certificates, asked of name servers."""

from collections.abc import Iterator
from typing import Any

import pytest
from dns.rdatatype import RdataType

from environments.settings import Settings
from iot_dr.drill.play.name_server import serving
from iot_dr.observe.doctor.checks import certificate_issuers, delegation, names
from iot_dr.observe.doctor.finding import AccountFinding
from iot_dr.observe.status.network import Network, QueryLimits
from iot_dr.terraform.sandbox.loopback import HOST
from tests.iot_dr.observe.doctor.world import (
    CENTRAL,
    WEST,
    Answer,
    Answers,
    World,
    only,
    refusal,
    statuses,
)
from tests.support.faulty_name_server import FaultyNameServer
from tests.support.settings import settings, with_data
from tests.support.synthesis import Synthesis

ZONE = "iot-dev.example.com"
OURS = ("ns-1.example.net", "ns-2.example.net")
CREATED = {"HostedZone": {"Name": f"{ZONE}."}, "DelegationSet": {"NameServers": list(OURS)}}
LISTED = [
    {"Id": "/hostedzone/Z1", "Name": f"{ZONE}.", "Config": {"PrivateZone": False}},
    {"Id": "/hostedzone/Z2", "Name": f"{ZONE}.", "Config": {"PrivateZone": True}},
    {"Id": "/hostedzone/Z3", "Name": "other.example.com.", "Config": {"PrivateZone": False}},
]
NO_ZONE = refusal("NoSuchHostedZone", status=404)


@pytest.fixture
def dns() -> Iterator[FaultyNameServer]:
    """The only name server: of this machine, and of the zone above."""
    own = {("example.com", RdataType.NS): [(60, f"{HOST}.")]}
    with serving(FaultyNameServer(lambda *_: [], own=own)) as server:
        yield server


def network(dns: FaultyNameServer) -> Network:
    limits = QueryLimits(dns=0.6)
    return Network(resolvers=(dns.resolver,), authority_port=dns.port, limits=limits)


def delegate(dns: FaultyNameServer, *servers: str) -> None:
    dns.own[ZONE, RdataType.NS] = [(60, f"{server}.") for server in servers]


def judged(
    dns: FaultyNameServer, answers: Answers, chosen: Settings | None = None
) -> list[AccountFinding]:
    def zone(Id: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        assert Id == "Z1"
        return CREATED

    well: Answers = {"list_hosted_zones_by_name": {"HostedZones": LISTED}, "get_hosted_zone": zone}
    world = World({**well, **answers}, settings=chosen or settings())
    return list(delegation.examine(world.account(network=network(dns))))


@pytest.mark.parametrize(
    ("servers", "status", "words"),
    [
        (OURS, "ok", "is delegated to its zone"),
        (OURS[:1], "ok", "is delegated to its zone"),
        ((), "missing", "is not delegated; its zone has ns-1.example.net, ns-2.example.net"),
        (("ns.elsewhere.net", OURS[0]), "missing", "is delegated to ns.elsewhere.net; its zone"),
    ],
    ids=["all", "some", "none", "others"],
)
def test_the_zone_above_must_name_the_servers_of_the_zone(
    dns: FaultyNameServer, servers: tuple[str, ...], status: str, words: str
) -> None:
    delegate(dns, *servers)
    finding = only(judged(dns, {}))
    assert (finding.status, finding.blocks) == (status, False)
    assert words in finding.message


def test_a_subdomain_must_not_be_delegated_to_another_zone(dns: FaultyNameServer) -> None:
    dns.own["example.com", RdataType.NS] = [(60, f"{HOST}.")]
    dns.own["com", RdataType.NS] = [(60, f"{HOST}.")]
    zone = {"id": "Z1", "name": "example.com", "subdomain": "a.iot.example.com"}
    here: Answer = {**CREATED, "DelegationSet": {"NameServers": [HOST]}}
    (well,) = judged(dns, {"get_hosted_zone": here}, settings(zone=zone))
    assert well.status == "ok"
    dns.own["iot.example.com", RdataType.NS] = [(60, "ns.elsewhere.net.")]
    _, hidden = judged(dns, {"get_hosted_zone": here}, settings(zone=zone))
    assert (hidden.status, hidden.blocks) == ("missing", True)
    assert hidden.message == (
        "iot.example.com is delegated to ns.elsewhere.net, which hides the names below it in the"
        " zone example.com"
    )


NONE_LISTED: Answer = {"HostedZones": []}


def test_a_zone_that_is_not_created_yet_comes_with_a_deploy(dns: FaultyNameServer) -> None:
    assert only(judged(dns, {"list_hosted_zones_by_name": NONE_LISTED})).status == "later"


def test_a_delegation_that_is_left_over_is_reported(dns: FaultyNameServer) -> None:
    delegate(dns, "ns.elsewhere.net")
    finding = only(judged(dns, {"list_hosted_zones_by_name": NONE_LISTED}))
    assert finding.status == "missing"
    assert "is delegated to ns.elsewhere.net, and this account has no such zone" in finding.message


@pytest.mark.parametrize("zone", [{"id": "Z1"}, {"lookup": True}], ids=["by id", "by name"])
def test_an_existing_zone_must_exist(dns: FaultyNameServer, zone: dict[str, object]) -> None:
    answers: Answers = {"list_hosted_zones_by_name": NONE_LISTED, "get_hosted_zone": NO_ZONE}
    finding = only(judged(dns, answers, settings(zone=zone)))
    assert (finding.status, finding.blocks) == ("missing", True)


def test_a_private_zone_is_not_the_one_that_devices_see(dns: FaultyNameServer) -> None:
    private: Answer = {"HostedZone": {"Name": f"{ZONE}.", "Config": {"PrivateZone": True}}}
    finding = only(judged(dns, {"get_hosted_zone": private}, settings(zone={"id": "Z1"})))
    assert (finding.status, finding.blocks) == ("missing", True)
    assert finding.message == "there is no public zone Z1 (zone.id) in this account"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (NO_ZONE, "there is no zone Z0PARENT"),
        ({"HostedZone": {"Name": "other.org."}}, "is not a zone above iot-dev.example.com"),
    ],
)
def test_the_parents_zone_of_the_settings_must_be_above(
    dns: FaultyNameServer, answer: Answer, words: str
) -> None:
    chosen = settings(zone={"create": True, "delegation": "Z0PARENT"})
    answers: Answers = {"list_hosted_zones_by_name": NONE_LISTED, "get_hosted_zone": answer}
    first, second = judged(dns, answers, chosen)
    assert (first.status, second.status) == ("missing", "later")
    assert words in first.message


def test_dns_without_an_answer_is_an_error(dns: FaultyNameServer) -> None:
    dns.own.clear()
    with pytest.raises(Exception, match="what public DNS shows is not known"):
        judged(dns, {})


def issuers(dns: FaultyNameServer, chosen: Settings | None = None) -> AccountFinding:
    world = World({}, settings=chosen or settings())
    return only(certificate_issuers.examine(world.account(network=network(dns))))


def test_without_caa_records_every_issuer_is_allowed(dns: FaultyNameServer) -> None:
    assert issuers(dns).status == "ok"
    assert dns.asked == [ZONE, "example.com", "com"]


@pytest.mark.parametrize(
    ("records", "status"),
    [
        (['0 issue "letsencrypt.org"'], "missing"),
        (['0 issue ";"'], "missing"),
        (['0 issue "letsencrypt.org"', '0 issue "amazon.com"'], "ok"),
        (['0 issue "amazon.com"', '0 issuewild "letsencrypt.org"'], "missing"),
        (['0 issue "letsencrypt.org"', '0 issuewild "amazon.com"'], "ok"),
        (['0 iodef "mailto:security@example.com"'], "ok"),
    ],
)
def test_caa_records_above_must_allow_acm(
    dns: FaultyNameServer, records: list[str], status: str
) -> None:
    dns.own["example.com", RdataType.CAA] = [(60, record) for record in records]
    finding = issuers(dns)
    assert (finding.status, finding.blocks) == (status, status == "missing")
    assert dns.asked == [ZONE, "example.com"]


def test_the_closest_caa_records_decide(dns: FaultyNameServer) -> None:
    dns.own["example.com", RdataType.CAA] = [(60, '0 issue "letsencrypt.org"')]
    dns.own[ZONE, RdataType.CAA] = [(60, '0 issue "amazonaws.com"')]
    assert issuers(dns).status == "ok"


def test_caa_records_without_an_answer_are_unknown(dns: FaultyNameServer) -> None:
    dns.is_silent = True
    assert issuers(dns).status == "unknown"


def test_certificates_that_exist_need_no_issuer(dns: FaultyNameServer) -> None:
    assert issuers(dns, settings(zone={"lookup": True})).status == "ok"
    assert dns.asked == []


NOT_FOUND = refusal("ResourceNotFoundException", status=404)
FREE: Answers = {
    "head_bucket": refusal("404", status=404),
    "describe_table": NOT_FOUND,
    "get_role": refusal("NoSuchEntity", status=404),
    "get_function_configuration": NOT_FOUND,
}


def test_an_empty_account_has_all_names_free(synthesis: Synthesis) -> None:
    world = World(FREE, settings=with_data(settings()))
    assert only(names.examine(world.account(synthesis))).status == "ok"


def test_a_name_is_taken_if_it_exists_and_is_in_no_state(synthesis: Synthesis) -> None:
    answers = {**FREE, ("get_function_configuration", CENTRAL): {}}
    findings = list(names.examine(World(answers).account(synthesis)))
    assert statuses(findings) == [(CENTRAL, "missing")] * 3
    assert all(finding.blocks for finding in findings)
    assert {finding.message for finding in findings} == {
        f"the function example-dev-{name} exists, and is not in the state of iot-dev-{stack}"
        for name, stack in (
            ("canary", "iot-eu-central-1"),
            ("watcher", "entry-point"),
            ("watcher-publisher", "entry-point"),
        )
    }


def test_a_resource_in_a_state_has_its_own_name(synthesis: Synthesis) -> None:
    world = World({**FREE, ("get_function_configuration", WEST): {}})
    world.state("iot-dev-iot-eu-west-1", "aws_lambda_function.canary")
    world.state("iot-dev-entry-point", "aws_lambda_function.publisher_eu_west_1")
    assert only(names.examine(world.account(synthesis))).status == "ok"


def test_a_bucket_of_another_account_and_a_table_are_taken(synthesis: Synthesis) -> None:
    answers: Answers = {**FREE, "describe_table": {}, "head_bucket": refusal("403", status=403)}
    world = World(answers, settings=with_data(settings()))
    nouns = {each.message.split()[1] for each in names.examine(world.account(synthesis))}
    assert nouns == {"table", "bucket"}


def test_a_refusal_is_about_one_kind_in_one_region(synthesis: Synthesis) -> None:
    denied = refusal("AccessDenied", "not authorized", 403)
    answers: Answers = {**FREE, ("get_function_configuration", CENTRAL): denied}
    findings = list(names.examine(World(answers).account(synthesis)))
    assert {(each.region, each.status) for each in findings} == {(CENTRAL, "unknown")}
    assert "needs the IAM action lambda:GetFunctionConfiguration" in findings[0].message


def test_an_unreadable_state_leaves_the_names_of_its_stack_unknown(synthesis: Synthesis) -> None:
    world = World(FREE)
    key = "dev/iot-dev-entry-point.tfstate"
    world.buckets = {world.settings.state_bucket(WEST): {key: b"not a state"}}
    findings = list(names.examine(world.account(synthesis)))
    assert {each.status for each in findings} == {"unknown"}
    assert all("iot-dev-entry-point" in each.message for each in findings)
