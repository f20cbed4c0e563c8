"""`iot-dr acceptance --only` against moto: what it observes, and that nothing stays."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID

from environments.settings import Settings
from iot_dr.acceptance.command import CommandResult
from iot_dr.acceptance.device import AcceptanceDevice
from iot_dr.acceptance.message import NotPublishedError, Published
from iot_dr.acceptance.tools import RunTools, WallClock
from iot_dr.cli import acceptance
from iot_dr.common.user_error import UsageError
from iot_dr.observe.aws.clients import Clients
from tests.iot_dr.acceptance.account import no_join
from tests.support.fixed_moto import fix_moto
from tests.support.settings import REGIONS

WEST, CENTRAL = REGIONS[:2]
FOLDER = Path(".acceptance", "dev", "only")


@dataclass
class Rehearsal:
    """An account of moto that does what Route 53 and CloudWatch do in addition.

    `lag` is how long lists show a detached certificate, `depth` how many aliases are followed,
    `policy_lag` how long a changed policy is not in force.
    """

    now: float = 1_795_860_000.0
    lag: float = 45.0
    depth: int = 99
    policy_lag: float = 400.0
    denied: tuple[bool, float] = (False, 0.0)
    detached: float | None = None
    on_sleep: Callable[[], None] = lambda: None

    def tools(self, settings: Settings, folder: Path, show: Callable[[str], None]) -> RunTools:
        """Return the tools of a run."""
        settings = settings.model_copy(update={"account_id": DEFAULT_ACCOUNT_ID})
        clients = _Lagging(self)
        return RunTools(
            settings=settings,
            command=_no_command,
            clients=clients,
            clock=WallClock(lambda: self.now, self.sleep),
            publish=self.publish,
            join=no_join,
            device=AcceptanceDevice(settings=settings, clients=clients, folder=folder / "device"),
            folder=folder,
            show=show,
            backend="moto",
            answer=self.answer,
        )

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.on_sleep()

    def publish(self, device: AcceptanceDevice, _payload: bytes) -> Published:
        """Refuse a message if the policy of a probe is in force."""
        iot = boto3.client("iot", WEST)
        attached = iot.list_attached_policies(target=device.arn(WEST))["policies"]
        is_denied = any(each["policyName"] == "iot-dr-probe-dev" for each in attached)
        if is_denied != self.denied[0]:
            self.denied = is_denied, self.now
        was, since = self.denied
        if was == (self.now >= since + self.policy_lag):
            raise NotPublishedError("the broker refused")
        return Published(WEST, "192.0.2.1")

    def answer(self, _server: str, name: str) -> str:
        """Follow the aliases: each PRIMARY is unhealthy."""
        route53 = boto3.client("route53")
        (zone,) = route53.list_hosted_zones()["HostedZones"]
        records = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
        secondary: dict[str, Any] = {
            each["Name"]: each for each in records if each.get("Failover") == "SECONDARY"
        }
        record = secondary[f"{name}."]
        for _ in range(self.depth):
            if "AliasTarget" not in record:
                return record["ResourceRecords"][0]["Value"]
            record = secondary[f"{record['AliasTarget']['DNSName'].rstrip('.')}."]
        return ""


def _no_command(*words: str) -> CommandResult:
    return CommandResult(1, {}, f"not needed: {words}")


class _Lagging(Clients):
    def __init__(self, world: Rehearsal) -> None:
        super().__init__(None)
        self._world = world
        self._principal = ""

    def call(self, service: str, region: str, method: str, **arguments: object) -> dict[str, Any]:
        world = self._world
        if method == "detach_thing_principal" and world.detached is None:
            world.detached = world.now
            self._principal = str(arguments["principal"])
        answer = super().call(service, region, method, **arguments)
        is_late = world.detached is not None and world.now < world.detached + world.lag
        if method == "list_thing_principals" and is_late:
            answer["principals"] = [self._principal]
        return answer


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rehearsal]:
    monkeypatch.chdir(tmp_path)
    fix_moto(monkeypatch)
    with mock_aws(config={"iot": {"use_valid_cert": True}}):
        for region in (WEST, CENTRAL):
            iot = boto3.client("iot", region)
            iot.create_policy(policyName="example-dev-device", policyDocument="{}")
        yield Rehearsal()
        for region in (WEST, CENTRAL):
            assert boto3.client("iot", region).list_things()["things"] == []
            assert boto3.client("iot", region).list_certificates()["certificates"] == []
            (policy,) = boto3.client("iot", region).list_policies()["policies"]
            assert policy["policyName"] == "example-dev-device"
        assert "QueueUrls" not in boto3.client("sqs", WEST).list_queues()
        route53 = boto3.client("route53")
        assert route53.list_hosted_zones()["HostedZones"] == []
        assert route53.list_health_checks()["HealthChecks"] == []


def run(world: Rehearsal, only: str) -> int:
    return acceptance.run("dev", "aws", "dev", world.tools, only=only, as_json=False)


def alarms() -> list[Any]:
    return boto3.client("cloudwatch", CENTRAL).describe_alarms()["MetricAlarms"]


def transcript() -> dict[str, Any]:
    (file,) = FOLDER.glob("transcript-*.json")
    return json.loads(file.read_bytes())


def test_probes_run_alone_and_write_what_they_observed(
    world: Rehearsal, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(world, "attach, alias") == 0
    alias, attach = transcript()["steps"]
    assert (alias["name"], alias["outcome"]) == ("alias", "passed")
    assert (alias["evidence"]["levels"], alias["evidence"]["after"]) == ("7", "0 s")
    assert (attach["name"], attach["outcome"]) == ("attach", "passed")
    assert attach["evidence"]["gone from both lists after"] == "45 s"
    printed = capsys.readouterr().out
    assert "Probes of dev in account" in printed
    assert "deploy" not in printed


@pytest.mark.parametrize(
    ("only", "changes", "problem"),
    [
        ("attach", {"lag": 600.0}, "lists still show the certificate"),
        ("alias", {"depth": 6}, "answers nothing"),
        ("policy", {"policy_lag": 600.0}, "it still publishes"),
        # moto writes the JSON of a redrive policy with spaces.
        ("texts", {}, "returned otherwise: redrive policy"),
    ],
)
def test_a_refuted_assumption_fails_the_run_and_nothing_stays(
    world: Rehearsal, only: str, changes: dict[str, Any], problem: str
) -> None:
    vars(world).update(changes)
    assert run(world, only) == 1
    (step,) = transcript()["steps"]
    assert step["problem"].startswith("refuted: ")
    assert problem in step["problem"]


def test_a_policy_is_in_force_when_messages_are_refused_and_accepted_again(
    world: Rehearsal,
) -> None:
    assert run(world, "policy") == 0
    (step,) = transcript()["steps"]
    assert step["evidence"] == {"denied after": "405 s", "allowed after": "405 s"}


@pytest.mark.parametrize(
    ("regions", "status", "problem"),
    [
        ([WEST, CENTRAL], 0, ""),
        ([WEST], 1, "refuted: mqtt.iot-dev.example.com: eu-central-1: none"),
        ([], 1, "no region has a domain configuration of mqtt.iot-dev.example.com"),
    ],
)
def test_each_region_must_have_a_domain_configuration_of_the_device_name(
    world: Rehearsal, regions: list[str], status: int, problem: str
) -> None:
    for region in regions:
        boto3.client("iot", region).create_domain_configuration(
            domainConfigurationName="device-name", domainName="mqtt.iot-dev.example.com"
        )
    assert run(world, "domains") == status
    assert transcript()["steps"][0]["problem"] == problem


@pytest.mark.parametrize("only", ["alias", "attach", "policy"])
def test_after_ctrl_c_nothing_stays(world: Rehearsal, only: str) -> None:
    def interrupt() -> None:
        world.on_sleep = lambda: None
        raise KeyboardInterrupt

    world.on_sleep, world.depth = interrupt, 0
    with pytest.raises(KeyboardInterrupt):
        run(world, only)
    assert alarms() == []


def test_an_alarm_without_data_is_observed_over_days_by_the_same_command(
    world: Rehearsal, capsys: pytest.CaptureFixture[str]
) -> None:
    def put_and_interrupt() -> None:
        if world.now < began + 60:
            set_state("ALARM")
        if world.now > began + 7200:
            raise KeyboardInterrupt

    began, world.on_sleep = world.now, put_and_interrupt
    with pytest.raises(KeyboardInterrupt):
        run(world, "latch")
    assert [alarm["TreatMissingData"] for alarm in alarms()] == ["ignore"]
    command = "aws cloudwatch delete-alarms --region eu-central-1 --alarm-names iot-dr-probe-dev"
    assert f"Remaining: {command}" in capsys.readouterr().out
    world.on_sleep = lambda: None
    world.now = began + 3 * 86_400
    assert run(world, "latch") == 0
    (step,) = transcript()["steps"]
    assert step["evidence"] == {"state": "ALARM", "waited": "259200 s"}
    assert alarms() == []


def test_an_alarm_that_falls_back_without_data_refutes_the_latch_and_is_deleted(
    world: Rehearsal,
) -> None:
    states = iter(["ALARM", "OK"])

    def follow() -> None:
        if state := next(states, None):
            set_state(state)

    world.on_sleep = follow
    assert run(world, "latch") == 1
    (step,) = transcript()["steps"]
    assert step["problem"] == "refuted: without data the alarm is OK after 86400 s"
    assert alarms() == []


def test_an_unknown_probe_is_refused_with_the_known_ones(world: Rehearsal) -> None:
    with pytest.raises(UsageError, match=r"--only: nothing; expected names of alias, attach"):
        run(world, "alias,nothing")


def set_state(state: str) -> None:
    cloudwatch = boto3.client("cloudwatch", CENTRAL)
    for alarm in alarms():
        cloudwatch.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue=state, StateReason="-")
