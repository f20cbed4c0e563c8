"""Which requests a status makes of AWS, and how they are shared."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import CredentialsError
from iot_dr.observe.state.store import Store, StoredObject, UnreachableError
from iot_dr.observe.status.check_ids import CheckIdsError, check_ids_in_state
from iot_dr.observe.status.dns_query import DnsError
from iot_dr.observe.status.network import Network, Resolver
from iot_dr.observe.status.parent_lookup import ParentLookup
from iot_dr.observe.status.queries import BackgroundTask, first_answer, query_all
from iot_dr.observe.status.store import StoreWithClients
from iot_dr.observe.status.subscriptions import Subscriptions, alarm_topics, subscriptions
from iot_dr.observe.status.unknown import UnknownValue
from stacks.state_location import StateLocation
from tests.iot_dr.delivery.deploy.name_server import HOST, REFUSED, name_server
from tests.iot_dr.observe.status.world import CENTRAL, SETTINGS, WEST
from tests.support.state_files import state_file

IDS = {WEST: {"tcp": "1", "deep": "2"}, CENTRAL: {"tcp": "3"}}
STATE = state_file(outputs={"health_check_ids": IDS})


@dataclass
class Buckets(Store):
    """State buckets by region: a state, None for no object, or an error for no answer."""

    content: dict[str, bytes | Callable[[], bytes] | None]

    def read(self, location: StateLocation) -> StoredObject | None:
        assert location.key == "dev/iot-dev-entry-point.tfstate"
        region_objects = self.content[location.region]
        content = region_objects() if callable(region_objects) else region_objects
        return None if content is None else StoredObject(content, datetime(2026, 1, 2, tzinfo=UTC))


def gone() -> bytes:
    raise UnreachableError("gone")


def test_homes_state_is_read_before_a_copy() -> None:
    old = STATE.replace(b'"3"', b'"old"')
    assert check_ids_in_state(SETTINGS, Buckets({WEST: STATE, CENTRAL: old}), 5) == IDS


@pytest.mark.parametrize("home", [gone, None, b"{}", b"no json", b'{"outputs": []}'])
def test_a_copy_is_read_if_homes_state_is_unusable(
    home: bytes | Callable[[], bytes] | None,
) -> None:
    assert check_ids_in_state(SETTINGS, Buckets({WEST: home, CENTRAL: STATE}), 5) == IDS


def test_each_reason_is_reported_once_with_advice() -> None:
    with pytest.raises(CheckIdsError) as raised:
        check_ids_in_state(SETTINGS, Buckets({WEST: b"{}", CENTRAL: None}), 5)
    message = str(raised.value)
    assert "dev-eu-west-1/dev/iot-dev-entry-point.tfstate hands over no health_check_ids" in message
    assert "in example-iot-dev-eu-central-1; is the entry point applied?" in message
    with pytest.raises(CheckIdsError, match=r"^gone$"):
        check_ids_in_state(SETTINGS, Buckets({WEST: gone, CENTRAL: gone}), 5)


PLACE = StateLocation(bucket="bucket", key="key", region="eu-west-1")


class Failing(Clients):
    def __init__(self, error: Exception) -> None:
        super().__init__(None)
        self._error = error

    def client(self, service: str, region: str, endpoint: str | None = None) -> Any:
        assert (service, region, endpoint) == ("s3", "eu-west-1", None)
        raise self._error


def test_a_region_whose_sts_does_not_answer_counts_as_one_that_does_not() -> None:
    gone = EndpointConnectionError(endpoint_url="https://sts.eu-west-1.test")
    with pytest.raises(UnreachableError, match=r"bucket \(eu-west-1\): S3 does not answer"):
        StoreWithClients(Failing(gone)).read(PLACE)


def test_missing_credentials_are_reported_as_such() -> None:
    with pytest.raises(CredentialsError, match="s3:GetObject in eu-west-1: no usable AWS"):
        StoreWithClients(Failing(NoCredentialsError())).read(PLACE)


ZONE = "iot-dev.example.com"


def test_the_servers_of_the_zone_above_are_asked() -> None:
    with name_server({"example.com": [HOST], ZONE: ["ns-1.example.net"]}) as server:
        lookup = ParentLookup(network=server.network)
        assert lookup(ZONE) == {"ns-1.example.net"}
        assert server.asked == ["example.com", ZONE]


def test_a_zone_that_is_not_delegated_yet_has_no_name_server() -> None:
    with name_server({"example.com": [HOST]}) as server:
        assert ParentLookup(network=server.network)(ZONE) == frozenset()


def test_the_zone_above_may_be_further_up() -> None:
    zones = {"example.com": [HOST], "iot-dev.north.example.com": ["ns-1.example.net"]}
    with name_server(zones) as server:
        lookup = ParentLookup(network=server.network)
        assert lookup("iot-dev.north.example.com") == {"ns-1.example.net"}


def test_a_refusal_is_reported_with_the_server_that_refused() -> None:
    with name_server({}) as server:
        server.code = REFUSED
        with pytest.raises(DnsError, match=rf"example.com \({HOST}: .* REFUSED"):
            ParentLookup(network=server.network)(ZONE)


def test_a_zone_with_nothing_above_it_is_reported() -> None:
    with name_server({}) as server, pytest.raises(DnsError, match="no zone above"):
        ParentLookup(network=server.network)(ZONE)


def test_a_missing_server_is_reported_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.bind((HOST, 0))
        port = channel.getsockname()[1]
    silent = Network(resolvers=(Resolver(HOST, port),), authority_port=port)
    with pytest.raises(DnsError, match=r"no answer for example\.com"):
        ParentLookup(network=silent)(ZONE)


def failing(error: Exception) -> Callable[[], str]:
    def fail() -> str:
        raise error

    return fail


@pytest.fixture
def hanging() -> Callable[[], str]:
    """Work that never ends, and keeps nobody waiting."""

    def hang() -> str:
        Event().wait(60)
        return "too late"

    return hang


def test_each_is_reported_by_its_key_and_what_fails_or_hangs_hides_no_other(
    hanging: Callable[[], str],
) -> None:
    answers = query_all(
        {"well": lambda: "seen", "fails": failing(OSError("broken\n\x1b")), "hangs": hanging}, 0.2
    )
    assert answers == {
        "well": "seen",
        "fails": UnknownValue("broken \\u001b"),
        "hangs": UnknownValue("no answer within 0.2 s"),
    }


def test_missing_credentials_have_one_reason_whatever_was_asked() -> None:
    answers = query_all(
        {region: failing(CredentialsError(f"ssm:Get in {region}: none")) for region in "ab"}, 1
    )
    assert answers == {"a": UnknownValue("none"), "b": UnknownValue("none")}


def test_a_mistake_in_the_program_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        query_all({0: failing(ZeroDivisionError())}, 1)
    with pytest.raises(ZeroDivisionError):
        BackgroundTask(failing(ZeroDivisionError())).result()


def test_the_first_that_answers_is_taken(hanging: Callable[[], str]) -> None:
    assert first_answer([hanging, failing(OSError("broken")), lambda: "seen"], 5) == "seen"


def test_with_no_answer_at_all_a_reason_is_given(hanging: Callable[[], str]) -> None:
    assert first_answer([failing(OSError("broken"))], 1) == UnknownValue("broken")
    assert first_answer([hanging], 0.1) == UnknownValue("no answer within 0.1 s")
    assert first_answer([], 1) == UnknownValue("there is nobody to ask")


class Sns:
    """SNS with a list of subscriptions; moto knows neither pending nor cancelled ones."""

    def __init__(self, *arns: str) -> None:
        self.arns = arns

    def call(self, *asked: str, TopicArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        assert asked == ("sns", "eu-west-1", "list_subscriptions_by_topic")
        assert TopicArn == "arn:aws:sns:eu-west-1:111111111111:example-dev-alarms"
        return {"Subscriptions": [{"SubscriptionArn": each} for each in self.arns]}


def test_those_that_were_cancelled_count_neither_as_confirmed_nor_as_pending() -> None:
    sns = Sns("arn:aws:sns:eu-west-1:111111111111:a:1", "PendingConfirmation", "Deleted")
    counted = subscriptions(cast("Clients", sns), alarm_topics(SETTINGS)[0], SETTINGS.account_id)
    assert counted == Subscriptions(confirmed=1, pending=1)
