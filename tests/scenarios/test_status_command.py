"""`iot-dr status` as its user runs it, over an environment in a made-up account.

moto stores health checks and evaluates none: their status, and DNS answers, come from the pure
function of iot_dr.forecast, served on loopback.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from dns.rdatatype import RdataType

from environments.loader import load
from iot_dr.cli.deploy_report import DeployReport
from iot_dr.cli.outcomes import StackProgress
from iot_dr.cli.status import run
from iot_dr.common.waiting import PollLimits
from iot_dr.delivery.deploy.deployment import CdktfResult, Deployment
from iot_dr.drill.play.account import client, variables
from iot_dr.drill.play.faults import ApiRequest, Failing, Faults, Reply
from iot_dr.drill.play.tls_name import TlsNames, tls_names
from iot_dr.forecast.quotas import QUOTAS
from iot_dr.observe.aws.clients import CallLimits as AwsLimits
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.status.network import NETWORK, Network, QueryLimits
from iot_dr.observe.status.parent_lookup import ParentLookup
from iot_dr.observe.switch.audit import AuditEntry, AuditTrail
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform_json.provider_choice import Provider
from tests.support import loopback
from tests.support.applied_world import AppliedWorld, new_test
from tests.support.json_output import result_of
from tests.support.name_servers import NameServers, name_servers
from tests.support.region_health import RegionHealth
from tests.support.tls_names import Authority
from tests.support.within import within

SETTINGS = load("dev", {})
WEST, CENTRAL = "eu-west-1", "eu-central-1"
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "status.md"
GONE = RegionHealth(deep=False, tcp=False)
# What hangs also keeps a status waiting.
HOW = ["hang", *(pytest.param(each, marks=pytest.mark.exhaustive) for each in ("refuse", "500"))]
# No answer is too late on a busy machine; a hanging one is abandoned after `tls` or `aws`.
PATIENT = QueryLimits(dns=20, tls=4, total=60, aws=AwsLimits(connect=4, read=4, attempts=1))


@dataclass(frozen=True)
class Place:
    """Everything that a status queries, and ways to change it."""

    world: AppliedWorld
    faults: Faults
    names: NameServers
    tls: TlsNames
    authority: Authority
    connect_rates: dict[str, float]

    @property
    def network(self) -> Network:
        return Network(
            resolvers=tuple(each.resolver for each in self.names.resolvers),
            authority_port=self.names.own.port,
            tls_port=self.tls.port,
            trust=self.authority.trust,
            limits=PATIENT,
        )

    def fail_over(self) -> None:
        """Make the primary fail, with Route 53's checks and answer."""
        self.world.see({WEST: GONE})
        self.names.route53.health = {WEST: GONE}

    def quotas(self, request: ApiRequest) -> Reply | None:
        """Answer for Service Quotas, whose quotas for AWS IoT moto lacks."""
        if request.service != "servicequotas":
            return None
        code = json.loads(request.body)["QuotaCode"]
        value = self.connect_rates.get(request.region, 500.0)
        if code == QUOTAS["connections"]:
            if request.headers["X-Amz-Target"].endswith("GetServiceQuota"):
                return _json(400, {"__type": "NoSuchResourceException"})
            value = 500_000.0
        return _json(200, {"Quota": {"Value": value}})


def _json(status: int, document: dict[str, Any]) -> Reply:
    return Reply(status, json.dumps(document).encode(), "application/x-amz-json-1.1")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def place(
    dev_world: tuple[AppliedWorld, Faults],
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Place]:
    world, faults = dev_world
    new_test(world, faults)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in variables(faults.endpoint).items():
        monkeypatch.setenv(name, value)
    good = authority.served(f"*.{SETTINGS.zone_name}", [f"*.{SETTINGS.zone_name}"])
    with (
        tls_names(dict.fromkeys(SETTINGS.regions, good)) as tls,
        name_servers(SETTINGS, tls.addresses) as names,
    ):
        made = Place(world, faults, names, tls, authority, {})
        faults.answers.append(made.quotas)
        yield made


def status(
    place: Place, capsys: pytest.CaptureFixture[str], network: Network | None = None
) -> tuple[int, str]:
    with within(NETWORK, network or place.network):
        code = run("dev", watch=False, as_json=False)
    return code, capsys.readouterr().out


def as_json(place: Place, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    with within(NETWORK, place.network):
        run("dev", watch=False, as_json=True)
    return result_of(capsys.readouterr().out)


def region(document: dict[str, Any], name: str) -> dict[str, Any]:
    (result,) = [each for each in document["regions"] if each["region"] == name]
    return result


def test_when_all_is_well_the_verdict_is_ok_and_everything_is_shown(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    code, output = status(place, capsys)
    assert (code, output.splitlines()[0]) == (0, "dev: ok")
    assert "device name: PRIMARY, points to eu-west-1" in output
    assert "healthy 4/4" in output
    assert "TLSv1.3" in output
    assert "90 days left" in output
    assert "ns-1.example.net  authoritative  eu-west-1  60 s" in output
    assert "connect rate  500        500" in output
    assert "connections   500000     500000" in output
    assert "iot-dev-entry-point" in output


def test_nothing_is_unknown_when_all_answers(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "unknown" not in status(place, capsys)[1]


def test_route_53_is_called_no_more_often_than_its_limit_per_second(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.faults.seen.clear()
    status(place, capsys)
    # One lists the checks, with their copies of alarms. No record uses the switch of the last
    # region.
    assert len([each for each in place.faults.seen if each.service == "route53"]) == 1 + 5


def test_a_primary_that_fails_is_reported_with_who_answers_and_why(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.fail_over()
    place.tls.regions[WEST].stop()
    code, output = status(place, capsys)
    assert code == 3
    assert output.splitlines()[:2] == [
        "dev: degraded: eu-west-1 is down",
        "Nothing to do: new connections go to eu-central-1 (docs/runbooks/primary-lost.md)",
    ]
    assert "eu-west-1: deep: 4 of 4 checkers: Failure: connection timed out" in output
    assert "eu-west-1: TLS from here: Connection refused" in output
    assert "deep eu-west-1: unhealthy" in output
    assert "device name: SECONDARY, points to eu-central-1" in output


def test_a_switch_is_reported_with_who_set_it_when_and_why(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.world.switch(WEST, "ALARM")
    place.names.route53.away = frozenset({WEST})
    trail = AuditTrail(SETTINGS, Clients(None))
    who = "arn:aws:iam::111111111111:user/ada"
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    trail.write(WEST, AuditEntry(action="away", reason="drill", who=who, at=at, outcome="done"))
    code, output = status(place, capsys)
    assert code == 3
    assert output.splitlines()[0] == "dev: degraded: eu-west-1 is switched away"
    assert f"eu-west-1 switch: away by {who} at 2026-01-02 03:04:05 UTC: drill" in output
    assert region(as_json(place, capsys), WEST)["audit"]["who"] == who


def test_a_cached_answer_is_reported_as_a_disagreement_with_the_seconds_left(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.fail_over()
    cached = SETTINGS.device_name, RdataType.CNAME
    place.names.resolvers[0].own[cached] = [(41, f"{SETTINGS.regional_name(WEST)}.")]
    code, output = status(place, capsys)
    assert code == 3
    assert "  also: name servers disagree: eu-central-1, eu-west-1" in output.splitlines()
    assert "resolver       eu-west-1     41 s" in output


def test_hostile_text_reaches_no_terminal_unescaped(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = SETTINGS.device_name, RdataType.CNAME
    place.names.resolvers[0].own[asked] = [(60, "\\027]0owned\\007.example.org.")]
    lying = place.authority.served("\x1b[2Jmine", ["other.example.org"])
    place.tls.regions[CENTRAL].context = lying
    code, output = status(place, capsys)
    assert code == 3
    assert output.replace("\n", "").isprintable()
    assert "\\u001b[2Jmine" in output
    assert "certificate unfit: for another name" in output.splitlines()[0]


def test_a_standby_that_may_take_less_than_the_primary_is_reported(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.connect_rates[WEST] = 3000.0
    code, output = status(place, capsys)
    assert code == 0
    assert "connect rate  3000       500           lower in a standby than in the primary" in output


def test_who_confirmed_a_subscription_is_counted(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    sns = client("sns", CENTRAL, place.world.endpoint)
    arn = f"arn:aws:sns:{CENTRAL}:{SETTINGS.account_id}:example-dev-alarms"
    made = sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="ops@example.com")
    _, result = status(place, capsys)
    sns.unsubscribe(SubscriptionArn=made["SubscriptionArn"])
    assert "example-dev-alarms         eu-central-1  1           0\n" in result
    assert result.count("add a subscription") == 2


def test_a_deploy_on_aws_ends_with_the_status_and_the_remaining_steps(
    place: Place, tmp_path: Path
) -> None:
    place.tls.regions[CENTRAL].serving = "reset"
    deployment = Deployment(
        settings=SETTINGS,
        provider=Provider.AWS,
        network=place.network,
        lookup=ParentLookup(network=Network(resolvers=())),
        patience=PollLimits(limit=0),
        show=[].append,
        log=RunLog(tmp_path / "log"),
        progress=StackProgress(()),
    )
    ended = CdktfResult(status=0, outcomes=(), warnings=(), last_lines="", stacks=tmp_path)
    went = DeployReport(deployment=deployment, ended=ended, done="deployed", seconds=60)
    shown = went.text()
    assert "dev: deployed in 60 s\n\ndev: degraded: eu-central-1 does not answer" in shown
    unserved, *unsubscribed = shown.splitlines()[-4:]
    assert unserved.startswith("eu-central-1: mqtt-eu-central-1.iot-dev.example.com is not served")
    assert all("aws sns subscribe" in each for each in unsubscribed)
    assert went.document()["remaining_steps"] == [unserved, *unsubscribed]
    for other in (
        replace(went, done="destroyed"),
        replace(went, ended=replace(ended, status=1)),
        replace(went, deployment=replace(deployment, provider=Provider.STANDIN)),
    ):
        assert "sns subscribe" not in other.text()


def test_json_contains_everything(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    result = as_json(place, capsys)
    assert (result["verdict"], result["reasons"], result["cause"]) == ("ok", [], "none")
    assert (result["next_command"], result["could_not_be_read"]) == (None, [])
    assert result["advice"] == f"new connections go to {WEST}"
    assert result["by_checks"]["region"] == WEST
    assert [each["answer"]["region"] for each in result["by_dns"]] == [WEST] * 4
    west = region(result, WEST)
    assert west["checks"]["deep"]["healthy"] is True
    assert "unknown" in west["checks"]["switch"]
    assert (west["switch"], west["quotas"]["connections"]) == ("OK", 500_000.0)
    assert west["endpoint"]["certificate"]["subject"] == f"*.{SETTINGS.zone_name}"
    assert {each["region"]: each["subscriptions"] for each in result["alarm_topics"]} == {
        name: {"confirmed": 0, "pending": 0} for name in (WEST, CENTRAL, "us-east-1")
    }
    copies = [each for each in result["states"]["states"] if each["is_copy"]]
    assert {each["region"] for each in copies} == {CENTRAL}


@pytest.mark.parametrize("how", HOW)
def test_the_loss_of_home_hides_nothing_else(
    place: Place, capsys: pytest.CaptureFixture[str], how: Failing
) -> None:
    place.fail_over()
    place.faults.fail(how, WEST)
    place.tls.regions[WEST].serving = "hang"
    result = as_json(place, capsys)
    # The ids come from the replica of the entry point's state, the primary's switch from its
    # alarm region.
    assert result["by_checks"]["region"] == CENTRAL
    assert [each["answer"]["region"] for each in result["by_dns"]] == [CENTRAL] * 4
    west, central = region(result, WEST), region(result, CENTRAL)
    assert west["checks"]["deep"]["healthy"] is False
    assert west["switch"] == "OK"
    assert "no answer" in west["endpoint"]["problem"]
    assert "unknown" in central["switch"]
    assert central["quotas"] == {"connect_rate": 500.0, "connections": 500_000.0}
    assert central["endpoint"]["problem"] is None
    problems = {each["region"] for each in result["states"]["states"] if each["problem"]}
    assert problems == {WEST}


def test_a_status_waits_for_a_hanging_call_no_longer_than_its_limit(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (*SETTINGS.regions, "us-east-1"):
        place.faults.fail("hang", name)
    for served in place.tls.regions.values():
        served.serving = "hang"
    # No call times out before, so that only the limit of the whole status can end it.
    calls = AwsLimits(connect=60, read=60, attempts=1)
    limits = QueryLimits(dns=60, tls=60, total=8, aws=calls)
    begun = time.monotonic()
    _, printed = status(place, capsys, replace(place.network, limits=limits))
    # Two waits of that length in sequence would take twice as long.
    assert time.monotonic() - begun < 2 * limits.total
    for name in SETTINGS.regions:
        (line,) = [
            line for line in printed.splitlines() if f"{name}: TLS, switch, devices, audit" in line
        ]
        assert "quota connect_rate" in line
        assert "subscriptions of example-dev-alarms" in line
    assert "all regions: states" in printed
    assert QueryLimits().total < 10


@pytest.mark.parametrize("how", HOW)
def test_without_us_east_1_dns_shows_who_answers(
    place: Place, capsys: pytest.CaptureFixture[str], how: Failing
) -> None:
    place.faults.fail(how, "us-east-1")
    code, output = status(place, capsys)
    cause = "us-east-1 does not answer, so the checks cannot be read; failover works without it"
    assert (code, output.splitlines()[0]) == (3, f"dev: degraded: {cause}")
    assert "could not be read: eu-west-1: check deep, check tcp; eu-central-1: check" in output
    assert "unknown checks: deep eu-west-1, tcp eu-central-1" in output
    assert "ns-1.example.net  authoritative  eu-west-1  60 s" in output


def test_without_credentials_dns_and_handshakes_remain(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    code, output = status(place, capsys)
    parts = "check deep, check tcp, switch, devices, rotation"
    assert (code, output.splitlines()[0]) == (
        1,
        f"dev: unknown: could not be read: eu-west-1: {parts}; eu-central-1: {parts}",
    )
    assert output.count("no usable AWS credentials") == 1
    assert "ns-1.example.net  authoritative  eu-west-1  60 s" in output
    assert "TLSv1.3" in output


def test_expired_credentials_are_reported_once(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    refusal = b"<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>"
    place.faults.answers.insert(
        0, lambda asked: Reply(403, refusal) if asked.service == "route53" else None
    )
    _, result = status(place, capsys)
    assert result.count("the AWS credentials have expired; renew them") == 1


def test_a_denied_call_is_reported_with_the_missing_action(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.faults.answers.insert(
        0,
        lambda asked: (
            _json(400, {"__type": "AccessDeniedException"}) if asked.service == "ssm" else None
        ),
    )
    code, output = status(place, capsys)
    assert code == 1
    assert "could not be read: eu-west-1: rotation; eu-central-1: rotation" in output
    assert "ssm:GetParameter in eu-central-1: not allowed" in output


def test_when_nothing_at_all_answers_that_is_reported_with_exit_1(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    code, output = status(place, capsys, replace(place.network, resolvers=()))
    why = "no usable AWS credentials: Unable to locate credentials"
    assert code == 1
    assert output.splitlines()[0] == f"dev: unknown: no query was answered; AWS: {why}"


def command(place: Place, *arguments: str) -> list[str]:
    network = loopback.written(place.names, place.tls, place.authority.roots)
    program = [sys.executable, "-m", "tests.scenarios.support.status_program", network]
    return [*program, "status", *arguments]


def test_the_command_ends_when_all_have_answered(place: Place) -> None:
    done = subprocess.run(
        command(place), cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("dev: ok\n")


def test_an_unknown_environment_is_an_error(place: Place) -> None:
    done = subprocess.run(
        command(place, "--env", "nowhere"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere" in done.stderr


@contextmanager
def watching(
    place: Place, *arguments: str, to: int = subprocess.PIPE
) -> Generator[subprocess.Popen[str]]:
    with subprocess.Popen(
        command(place, "--watch", *arguments),
        cwd=ROOT,
        text=True,
        stdout=to,
        stderr=to,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        # Then a process that waits for its output ends.
        limit = Timer(60, process.kill)
        limit.start()
        try:
            yield process
        finally:
            limit.cancel()
            process.kill()


def test_watch_prints_a_line_for_each_change_and_ends_by_ctrl_c_with_130(place: Place) -> None:
    with watching(place) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().endswith("Z verdict: ok\n")
        assert " next: Nothing to do: " in process.stdout.readline()
        assert process.stdout.readline().endswith("Z checks lead to: eu-west-1\n")
        place.fail_over()
        changed = "checks lead to: eu-central-1 (was: eu-west-1)\n"
        assert any(line.endswith(changed) for line in process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stderr.read() == ""


def test_watch_keeps_a_terminal_current_and_ends_by_ctrl_c_with_130(place: Place) -> None:
    own, theirs = os.openpty()
    with watching(place, to=theirs) as process:
        os.close(theirs)
        screen = _shown(own)
        assert any("dev: ok" in shown for shown in screen)
        place.fail_over()
        assert any("dev: degraded" in shown for shown in screen)
        process.send_signal(signal.SIGINT)
        assert "Traceback" not in "".join(screen)
        assert process.wait(10) == 130
    os.close(own)


def _shown(terminal: int) -> Iterator[str]:
    """Return the output to a terminal until nobody has it open any more."""
    with suppress(OSError):
        while read := os.read(terminal, 1 << 20):
            yield read.decode(errors="replace")


def test_watch_as_json_prints_a_document_a_line(place: Place) -> None:
    with watching(place, "--json") as process:
        assert process.stdout
        assert result_of(process.stdout.readline())["verdict"] == "ok"


def test_the_page_shows_what_the_command_prints(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.fail_over()
    place.tls.regions[WEST].stop()
    place.world.switch(WEST, "ALARM")
    who = "arn:aws:iam::111111111111:user/ada"
    put = AuditEntry(
        action="away",
        reason="region is down, ticket 4711",
        who=who,
        at=datetime.now(UTC),
        outcome="done",
    )
    AuditTrail(SETTINGS, Clients(None)).write(WEST, put)
    cached = SETTINGS.device_name, RdataType.CNAME
    place.names.resolvers[0].own[cached] = [(41, f"{SETTINGS.regional_name(WEST)}.")]
    shown = PAGE.read_text(encoding="utf-8").partition("$ iot-dr status --env dev\n")[2]
    assert _without_numbers(shown.partition("```")[0]) == _without_numbers(status(place, capsys)[1])


def _without_numbers(text: str) -> list[str]:
    """Return the lines without values that differ between runs: times, ages, and so widths."""
    return [" ".join(re.sub(r"[\d.:]+", "#", line).split()) for line in text.strip().splitlines()]


def test_the_page_names_the_services_that_are_called(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.faults.seen.clear()
    status(place, capsys)
    policy = PAGE.read_text(encoding="utf-8").partition("```json\n")[2].partition("```")[0]
    actions = set(re.findall(r'"(\w+):[A-Z]\w+"', policy))
    signed_for = {each.service.replace("monitoring", "cloudwatch") for each in place.faults.seen}
    assert signed_for == actions
