"""What a status reads of metrics, routes and the network."""

import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dns.rdatatype import RdataType
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.common.network_variable import NETWORK_VARIABLE
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import AwsError
from iot_dr.observe.status.dns_query import query_dns
from iot_dr.observe.status.metrics import read_devices
from iot_dr.observe.status.network import Network, Resolver, nameservers
from iot_dr.observe.status.registry_ages import RegistryAges, read_registry_ages
from iot_dr.observe.status.route import route
from iot_dr.route53.failover_config import CheckKey, FailoverConfig
from tests.iot_dr.forecast.strategies import CHAINS, HEALTH, SWITCHES
from tests.iot_dr.observe.status.reports import QUIET
from tests.iot_dr.observe.status.world import CENTRAL, WEST
from tests.support.refusal import refusal
from tests.support.region_health import HEALTHY, Health, answer


class CloudWatch(Clients):
    """Answers each query with a status, and a value of some minutes ago for some metrics."""

    def __init__(self, status: str, values: Mapping[str, tuple[int, float]] | None = None) -> None:
        super().__init__(None)
        self._status, self._values = status, values or {}

    def call(self, service: str, region: str, method: str, **arguments: Any) -> dict[str, Any]:
        assert (service, region, method) == ("cloudwatch", WEST, "get_metric_data")
        queries = arguments["MetricDataQueries"] if self._status else ()
        return {"MetricDataResults": [self._result(query) for query in queries]}

    def _result(self, query: dict[str, Any]) -> dict[str, Any]:
        metric = query["MetricStat"]["Metric"]
        result = {"Id": query["Id"], "StatusCode": self._status, "Timestamps": [], "Values": []}
        if metric["MetricName"] not in self._values:
            return result
        assert metric["Namespace"] == "IotDr/Registry"
        assert {each["Name"]: each["Value"] for each in metric["Dimensions"]} == {
            "Environment": "dev",
            "Source": CENTRAL,
        }
        minutes, value = self._values[metric["MetricName"]]
        at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=minutes)
        return {**result, "Timestamps": [at], "Values": [value]}


def test_a_metric_without_data_has_no_events() -> None:
    assert read_devices(CloudWatch("Complete"), WEST) == QUIET


@pytest.mark.parametrize("status", ["InternalError", "PartialData", ""])
def test_a_metric_that_cloudwatch_did_not_return_whole_is_unknown(status: str) -> None:
    with pytest.raises(AwsError, match="cloudwatch:GetMetricData in eu-west-1: the data of a"):
        read_devices(CloudWatch(status), WEST)


@pytest.mark.parametrize(("minutes", "seconds"), [(1, 31.0), (2, 91.0), (10, 571.0), (11, None)])
def test_what_was_measured_minutes_ago_is_minutes_older_now(
    minutes: int, seconds: float | None
) -> None:
    """As in a region whose function has stopped: its last value must not look like today's."""
    seen = CloudWatch("Complete", {"RecoveryPoint": (minutes, 31_000)})
    assert read_registry_ages(seen, WEST, "dev", [CENTRAL]) == {
        CENTRAL: RegistryAges(changes=seconds, shadows=None)
    }


TWO = FailoverConfig(order=("one", "two"))


def well(chain: FailoverConfig) -> dict[CheckKey, bool]:
    return dict.fromkeys(chain.check_keys, True)


def test_what_the_records_ask_is_deep_of_the_primary_tcp_of_the_rest_and_their_switches() -> None:
    assert FailoverConfig(order=("one", "two", "three")).check_keys == (
        ("one", "deep"),
        ("two", "tcp"),
        ("three", "tcp"),
        ("one", "switch"),
        ("two", "switch"),
    )
    assert FailoverConfig(order=("one", "two"), mode="shallow").check_keys[0] == ("one", "tcp")


def test_with_all_known_there_is_one_answer() -> None:
    seen = route(TWO, well(TWO) | {("one", "deep"): False})
    assert (seen.region, seen.regions, seen.unknown) == ("two", ("two",), ())
    assert not seen.is_fallback


def test_what_cannot_change_the_answer_leaves_it_known() -> None:
    known = {("one", "deep"): True, ("one", "switch"): True}
    seen = route(TWO, known)
    assert (seen.region, seen.unknown) == ("one", (("two", "tcp"),))


def test_what_would_decide_leaves_both_possible() -> None:
    seen = route(TWO, {("one", "deep"): True, ("two", "tcp"): True})
    assert (seen.region, seen.regions) == (None, ("one", "two"))


def test_no_region_is_healthy_only_when_that_is_certain() -> None:
    gone = {("one", "deep"): False, ("one", "switch"): True}
    assert route(TWO, gone | {("two", "tcp"): False}).is_fallback
    assert not route(TWO, gone).is_fallback


@given(CHAINS, HEALTH, SWITCHES, st.data())
def test_the_true_answer_is_among_those_that_are_possible(
    chain: FailoverConfig, health: Health, switches: frozenset[str], data: st.DataObject
) -> None:
    def truth(ask: CheckKey) -> bool:
        region, what = ask
        state = health.get(region, HEALTHY)
        return {"deep": state.deep, "tcp": state.tcp, "switch": region not in switches}[what]

    asks = chain.check_keys
    known = data.draw(st.sets(st.sampled_from(asks)))
    true = answer(chain, health, switches)
    seen = route(chain, {each: truth(each) for each in known})
    assert true.leads_to in seen.regions
    assert seen.is_fallback <= true.is_fallback
    whole = route(chain, {each: truth(each) for each in asks})
    assert (whole.region, whole.is_fallback) == (true.leads_to, true.is_fallback)


_SERVERS = '{"resolvers": ["127.0.0.9:5301"], "authority_port": 5300, "tls_port": 8884}'


def test_a_wrong_line_of_resolv_conf_does_not_drop_the_other_name_servers(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_bytes(
        b"# nameserver 192.0.2.9\nsearch example.com\nnameserver 192.0.2.1\nnameserver dns.local\n"
        b"nameserver\nnameserver \xff\n; nameserver 192.0.2.8\nnameserver\tfe80::1%eth0 # comment\n"
        b"nameserver 192.0.2.1\n"
    )
    assert nameservers(file) == ("192.0.2.1", "fe80::1%eth0", "192.0.2.1")


def test_without_a_resolv_conf_there_is_no_name_server(tmp_path: Path) -> None:
    assert nameservers(tmp_path / "resolv.conf") == ()


def test_a_server_that_refuses_the_port_is_not_waited_for() -> None:
    # Bound and not open for datagrams: the kernel refuses them.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        _, port = taken.getsockname()
        with pytest.raises(ConnectionRefusedError):
            query_dns("127.0.0.1", port, "mqtt.iot-dev.example.com", RdataType.A, 3600)


def test_a_variable_leads_to_other_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NETWORK_VARIABLE, _SERVERS)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")
    network = Network.current()
    assert network.resolvers == (Resolver("127.0.0.9", 5301),)
    assert (network.authority_port, network.tls_port) == (5300, 8884)


@pytest.mark.parametrize(
    "value",
    [
        *("127.0.0.1", "{}", '{"resolvers": ["dns.example:x"]}'),
        *(_SERVERS.replace('"127.0.0.9:5301"', each) for each in ("", "53")),
        _SERVERS.replace(".9", ".999"),
        _SERVERS.replace(":5301", ""),
        *(_SERVERS.replace(port, "0") for port in ("5301", "5300", "8884")),
        *(_SERVERS.replace(port, "65536") for port in ("5301", "5300", "8884")),
    ],
)
def test_another_value_of_the_variable_is_a_mistake(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NETWORK_VARIABLE, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")
    assert refusal(Network.current).startswith(f"{NETWORK_VARIABLE}={value}: expected ")


def test_a_variable_left_over_from_a_game_does_not_lead_commands_of_real_regions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(NETWORK_VARIABLE, _SERVERS)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert refusal(Network.current).startswith(
        f"{NETWORK_VARIABLE} is set, and AWS_ENDPOINT_URL is not"
    )
