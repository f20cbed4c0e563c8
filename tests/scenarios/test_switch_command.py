"""`iot-dr switch` as an operator runs it, with one region or another gone."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any, Literal

import pytest

from environments.loader import load
from iot_dr.drill.play.account import client, variables
from iot_dr.drill.play.faults import ApiRequest, Failing, Faults, Reply
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.switch.registers import RegisterEntry
from iot_dr.observe.switch.rotation import Rotation, RotationLog
from tests.iot_dr.operate.rotate.command import Terminal
from tests.support.applied_world import AppliedWorld, applied_world, new_test
from tests.support.aws_account import DENIED, lead_to
from tests.support.command import ROOT, iot_dr_here, plain_environment
from tests.support.json_output import result_of
from tests.support.policy import allowed, needed
from tests.support.region_health import RegionHealth
from tests.support.runbook import Walk, timeless

DEV = load("dev", {})
WEST, CENTRAL = DEV.regions
AWAY = ("away", WEST, "--reason", "no message goes through")
BACK = ("back", WEST, "--reason", "messages go through again")
LONG = 5
QUESTION = "Type `yes` to switch: "


@dataclass
class Operator:
    """A person with a shell whose AWS variables point to the account."""

    world: AppliedWorld
    faults: Faults
    left_out: tuple[str, ...] = ()
    environment: str = "dev"

    def begin(self, *arguments: str, terminal: bool = False) -> "Running":
        """Start a command, with or without a terminal for the confirmation."""
        keys, screen = os.openpty() if terminal else (-1, subprocess.DEVNULL)
        process = subprocess.Popen(
            [sys.executable, "-m", "iot_dr", "switch", *arguments],
            env={**plain_environment(), **self._led()},
            cwd=ROOT,
            stdin=screen,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        if terminal:
            os.close(screen)
        return Running(process, keys)

    def run(
        self, *arguments: str, typed: Terminal | Literal[""] = "", together: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, with or without a terminal; a long wait is over at once."""
        sleep = time.sleep

        def shortly(seconds: float) -> None:
            sleep(0 if seconds > LONG else seconds)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("time.sleep", shortly)
            return iot_dr_here(
                "switch", *arguments, cwd=ROOT, typed=typed, together=together, **self._led()
            )

    def _led(self) -> dict[str, str]:
        led = variables(self.faults.endpoint)
        kept = {name: value for name, value in led.items() if name not in self.left_out}
        return {**kept, "COLUMNS": "200", "ENV": self.environment}

    def printed(self, command: str) -> str:
        """Return what a terminal shows of a command; the text is typed at its confirmation."""
        program, _, *arguments = shlex.split(command)
        assert program == "iot-dr"
        asks = "--yes" not in arguments
        shown = self.run(*arguments, typed=Terminal("yes\n") if asks else "", together=True).stdout
        assert (QUESTION in shown) == asks
        return shown.replace(QUESTION, f"{QUESTION}yes\n")

    def records(self, region: str) -> list[dict[str, Any]]:
        """Return the records of a region's switch."""
        parameters = client("ssm", DEV.alarm_regions(region)[0], self.world.endpoint)
        name = f"/iot-dr/example/dev/switch/{region}"
        with suppress(parameters.exceptions.ParameterNotFound):
            history = parameters.get_parameter_history(Name=name)["Parameters"]
            return [json.loads(each["Value"]) for each in history]
        return []

    def puts(self) -> list[float]:
        """Return the values that were written for any switch, in order."""
        return [
            json.loads(request.body)["MetricData"][0]["Value"]
            for request in self.faults.seen
            if is_put(request)
        ]


@dataclass
class Running:
    """A running command; typed text reaches it through a terminal."""

    process: subprocess.Popen[bytes]
    keys: int

    def asked(self) -> str:
        """Wait for the confirmation; return the output before it."""
        assert self.process.stderr
        result = b""
        while not result.endswith(QUESTION.encode()):
            more = os.read(self.process.stderr.fileno(), 1)
            assert more, result.decode()
            result += more
        return result.decode()

    def type(self, text: str) -> None:
        """Type on the terminal."""
        os.write(self.keys, text.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def end(self) -> subprocess.CompletedProcess[str]:
        """Wait for the end, at most 100 s."""
        out, err = self.process.communicate(timeout=100)
        if self.keys >= 0:
            os.close(self.keys)
        code = self.process.returncode
        return subprocess.CompletedProcess([], code, out.decode(), (err or b"").decode())


def is_put(request: ApiRequest) -> bool:
    return request.headers.get("X-Amz-Target", "").endswith(".PutMetricData")


@pytest.fixture
def operator(dev_world: tuple[AppliedWorld, Faults], monkeypatch: pytest.MonkeyPatch) -> Operator:
    """An operator while everything works."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    new_test(*dev_world)
    return Operator(*dev_world)


def test_it_shows_what_will_happen_then_sets_the_switch_and_records_why(operator: Operator) -> None:
    done = operator.run(*AWAY, "--yes")
    assert done.returncode == 0, done.stderr
    assert "New connections go to eu-west-1 now, and will go to eu-central-1." in done.stdout
    assert "the switch is kept in eu-central-1" in done.stdout
    assert "eu-west-1 is switched away." in done.stdout
    assert "iot-dr status --env dev --watch" in done.stdout
    assert [each["outcome"] for each in operator.records(WEST)] == ["begun", "done"]
    assert operator.records(WEST)[-1]["reason"] == "no message goes through"
    assert operator.puts() == [1.0]


@pytest.mark.parametrize("how", ["refuse", "hang", "500"])
def test_it_works_while_the_switched_region_is_gone(operator: Operator, how: Failing) -> None:
    operator.faults.fail(how, WEST)
    operator.world.see({WEST: RegionHealth(deep=False, tcp=False)})
    begun = time.monotonic()
    done = operator.run(*AWAY, "--yes")
    # Measured at 2 s; the rest is for a busy machine. Without limits it is 60 s.
    assert time.monotonic() - begun < 30
    assert done.returncode == 0, done.stderr
    assert "it is not known whether eu-central-1 is switched away" in done.stdout
    assert operator.records(WEST)[-1]["outcome"] == "done"


@pytest.mark.parametrize("how", ["refuse", "hang", "500"])
def test_with_us_east_1_gone_too_the_operator_must_confirm_the_other_region(
    operator: Operator, how: Failing
) -> None:
    for region in (WEST, "us-east-1"):
        operator.faults.fail(how, region)
    refused = operator.run(*AWAY, "--yes")
    assert refused.returncode == 1
    assert "eu-central-1 is unknown" in refused.stderr
    assert "no health from Route 53: route53:ListHealthChecks in us-east-1" in refused.stdout
    assert (operator.records(WEST), operator.puts()) == ([], [])
    forced = operator.run(*AWAY, "--yes", "--force")
    assert forced.returncode == 0, forced.stderr
    assert operator.puts() == [1.0]


def test_the_last_healthy_region_is_not_taken_away(operator: Operator) -> None:
    operator.world.see({CENTRAL: RegionHealth(tcp=False)})
    refused = operator.run(*AWAY, "--yes")
    assert refused.returncode == 1
    assert "no other region is known to be healthy" in refused.stderr
    assert "eu-central-1 is unhealthy" in refused.stderr
    assert operator.puts() == []


def test_the_last_region_is_reported_as_without_effect(operator: Operator) -> None:
    done = operator.run("away", CENTRAL, "--reason", "maintenance", "--yes")
    assert done.returncode == 0
    assert "eu-central-1 is last in the failover order" in done.stdout
    assert "New connections go to eu-west-1 now, and still will afterwards." in done.stdout


def test_only_json_is_printed_with_that_option(operator: Operator) -> None:
    done = operator.run(*AWAY, "--yes", "--json")
    document = result_of(done.stdout)
    assert (document["regions_before"], document["regions_after"], document["keepers"]) == (
        [WEST],
        [CENTRAL],
        [CENTRAL],
    )
    assert document["record"] == {**operator.records(WEST)[-1], "at": document["record"]["at"]}
    assert document["record"]["who"] == "arn:aws:sts::111111111111:user/moto"
    again = result_of(operator.run(*AWAY, "--yes", "--json").stdout)
    assert again["record_before"] == document["record"]
    assert [each["is_switched_away"] for each in again["regions"]] == [True, False]


def test_on_a_terminal_it_asks(operator: Operator) -> None:
    running = operator.begin(*AWAY, terminal=True)
    running.asked()
    assert operator.puts() == []
    running.type("yes\n")
    assert running.end().returncode == 0
    assert operator.puts() == [1.0]


@pytest.mark.parametrize("answer", ["\n", "y\n", "no\n", ""])
def test_anything_but_yes_declines(operator: Operator, answer: str) -> None:
    done = operator.run(*AWAY, typed=Terminal(answer))
    assert done.returncode == 1
    assert QUESTION in done.stderr
    assert "Declined: nothing was switched." in done.stderr
    assert (operator.records(WEST), operator.puts()) == ([], [])


def test_the_later_of_two_operators_sees_why_before_the_question_or_is_asked_again(
    operator: Operator,
) -> None:
    answers = iter(["yes\n", "no\n"])

    class Slow(Terminal):
        """Types `yes` once somebody else has switched, and `no` at the second confirmation."""

        def readline(self, size: int | None = -1, /) -> str:
            del size
            answer = next(answers)
            if answer == "yes\n":
                operator.run("away", WEST, "--reason", "I was first", "--yes")
            return answer

    done = operator.run(*AWAY, typed=Slow(""))
    assert next(answers, None) is None
    assert done.returncode == 1
    assert "Somebody used this switch before you confirmed." in done.stdout
    assert re.search(r"Last use: away by arn:\S+ at .* UTC: I was first", done.stdout)
    output = operator.run(*AWAY, typed=Terminal("\n")).stdout
    assert "eu-west-1 is already switched away" in output
    assert "I was first" in output


def test_ctrl_c_at_the_question_switches_nothing(operator: Operator) -> None:
    running = operator.begin(*AWAY, terminal=True)
    running.asked()
    running.interrupt()
    done = running.end()
    assert done.returncode == 130
    assert "Interrupted: nothing was switched." in done.stderr
    assert (operator.records(WEST), operator.puts()) == ([], [])


def test_ctrl_c_during_the_write_lets_it_end(operator: Operator) -> None:
    arrived, go_on = Event(), Event()

    def hold(request: ApiRequest) -> None:
        if is_put(request):
            arrived.set()
            go_on.wait(20)

    operator.faults.answers.insert(0, hold)
    running = operator.begin(*AWAY, "--yes")
    assert arrived.wait(60)
    running.interrupt()
    assert running.process.stderr
    assert b"Wait: the switch is being set." in running.process.stderr.readline()
    go_on.set()
    done = running.end()
    assert done.returncode == 130
    assert "Interrupted: the switch is set." in done.stderr
    # On a busy machine it takes longer than the timeout of an attempt, and is sent again.
    assert set(operator.puts()) == {1.0}
    assert operator.records(WEST)[-1]["outcome"] == "done"


def test_a_switch_that_no_operator_set_is_reported_and_that_it_will_be_set_again(
    operator: Operator,
) -> None:
    operator.world.switch(WEST, "ALARM")
    operator.world.see({WEST: RegionHealth(deep=False)})
    done = operator.run(*BACK, "--yes")
    assert done.returncode == 0, done.stderr
    assert "it may be the watcher" in done.stdout
    assert "the watcher will switch it away again" in done.stdout
    assert operator.puts() == [0.0]


@pytest.mark.exhaustive
def test_an_alarm_region_that_cannot_be_removed_does_not_hide_that_the_switch_is_set(
    operator: Operator, tmp_path: Path
) -> None:
    with applied_world(load("prod", {}), tmp_path) as (world, faults):
        faults.fail("500", "us-east-1", "route53")
        three = replace(operator, world=world, faults=faults, environment="prod")
        done = three.run(*BACK, "--without", CENTRAL, "--yes")
    assert done.returncode == 1
    assert "eu-west-1 is switched back." in done.stdout
    assert "route53:ListHealthChecks in us-east-1" in done.stderr


def test_the_only_alarm_region_is_not_removed(operator: Operator) -> None:
    done = operator.run(*BACK, "--without", CENTRAL, "--yes")
    assert done.returncode == 2
    assert "--without eu-central-1: is the only alarm region of eu-west-1" in done.stderr
    assert operator.puts() == []


def test_without_a_record_it_is_set_only_if_forced(operator: Operator) -> None:
    operator.faults.fail("500", CENTRAL, "ssm")
    refused = operator.run(*AWAY, "--yes")
    assert refused.returncode == 1
    assert "no record can be stored: ssm:GetParameter in eu-central-1" in refused.stderr
    assert operator.puts() == []
    forced = operator.run(*AWAY, "--yes", "--force")
    assert forced.returncode == 0
    assert "Warning: there is no record of it: ssm:PutParameter in eu-central-1" in forced.stdout
    assert operator.puts() == [1.0]


def test_a_switch_back_waits_until_no_publisher_can_put_the_away(operator: Operator) -> None:
    operator.run(*AWAY, "--yes")
    running = operator.begin(*BACK, "--yes")
    assert running.process.stderr
    assert b"a publisher that has read `away` may put it" in running.process.stderr.readline()
    running.interrupt()
    done = running.end()
    assert (done.returncode, operator.puts()) == (130, [1.0])
    assert "Interrupted: the register has the new value" in done.stderr


def test_a_region_that_is_being_rotated_is_switched_back_only_if_forced(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead_to(operator.faults.endpoint, monkeypatch)
    log = RotationLog(DEV, Clients(None))
    begun = Rotation.begun("arn:ada", "arn:old", was_away=False)
    log.write(WEST, begun)
    refused = operator.run(*BACK, "--yes")
    assert refused.returncode == 1
    assert "eu-west-1 is being rotated, begun by arn:ada" in refused.stderr
    assert operator.puts() == []
    forced = operator.run(*BACK, "--yes", "--force")
    assert forced.returncode == 0, forced.stderr
    log.write(WEST, begun.by("arn:ada", "done"))
    assert operator.run(*BACK, "--yes").returncode == 0
    assert operator.puts() == [0.0, 0.0]


def test_an_unreadable_rotation_is_reported_and_does_not_block_a_switch_back(
    operator: Operator,
) -> None:
    def deny(request: ApiRequest) -> Reply | None:
        return DENIED if b"/rotation/" in request.body else None

    operator.faults.answers.insert(0, deny)
    done = operator.run(*BACK, "--yes")
    assert done.returncode == 0, done.stderr
    assert "Note: it is not known whether eu-west-1 is being rotated: ssm:GetParam" in done.stderr


def test_without_credentials_it_says_so(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operator, "left_out", ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
    done = operator.run(*AWAY, "--yes")
    assert done.returncode == 1
    assert "no usable AWS credentials" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("away", "eu-west-2", "--reason", "x", "--yes"), "'eu-west-2' is not a region of dev"),
        (("away", WEST, "--reason", " ", "--yes"), "--reason has 0 characters"),
        (
            ("away", WEST, "--reason", "a\nb", "--yes"),
            "must be a single line of visible characters",
        ),
        (("away", WEST, "--yes"), "--reason"),
        (("away", WEST, "--reason", "x", "--env", "moon", "--yes"), "is not an environment"),
        (AWAY, "confirmation needs a terminal; pass --yes"),
    ],
)
def test_a_usage_error_is_reported_and_aws_is_not_called(
    operator: Operator, arguments: tuple[str, ...], message: str
) -> None:
    done = operator.run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert operator.faults.seen == []


def test_without_an_environment_nothing_is_switched() -> None:
    done = iot_dr_here("switch", "away", WEST, "--reason", "x", "--yes")
    assert done.returncode == 2
    assert "Missing option '--env'" in done.stderr


def test_help_shows_an_example(operator: Operator) -> None:
    for action in ("away", "back"):
        shown = operator.run(action, "--help").stdout
        assert f"Example: iot-dr switch {action} eu-west-1 --env dev --reason" in shown


@pytest.mark.runbook("switch.md", "Fail over", "Fail back", "If it refuses")
def test_the_runbook_shows_what_the_commands_print(walk: Walk, operator: Operator) -> None:
    for scene in SCENES:
        scene(operator)
        walk.step(operator.printed, "iot-dr switch", alike=waited)


def test_the_runbook_s_policy_allows_the_calls_and_nothing_else(operator: Operator) -> None:
    operator.run(*BACK, "--yes")
    operator.run(*AWAY, "--yes")
    assert needed(operator.faults.seen, DEV.account_id) == allowed("switch.md")


@pytest.mark.runbook("switch.md", "If it fails")
def test_the_runbook_s_manual_command_sets_the_same(walk: Walk, operator: Operator) -> None:
    """There is no AWS CLI here: the test compares its request with the command's."""
    operator.run(*AWAY, "--yes")
    (sent,) = [each for each in operator.faults.seen if is_put(each)]
    (stored,) = [
        each for each in operator.faults.seen if b"/register/" in each.body and is_stored(each)
    ]
    words = shlex.split(walk.next("aws ssm put-parameter").text.replace("$(date +%s)", "1"))[3:]
    register = dict(zip(words[:6:2], words[1:6:2], strict=True))
    written = json.loads(stored.body)
    assert register == {"--region": stored.region, "--name": written["Name"], "--type": "String"}
    assert words[6:8] == ["--overwrite", "--value"]
    assert json.loads(written["Value"]).items() >= {"value": "away"}.items()
    assert RegisterEntry.read(words[8], "by hand").value == "away"
    words = shlex.split(walk.next("aws cloudwatch put-metric-data").text)[3:]
    by_hand = dict(zip(words[::2], words[1::2], strict=True))
    body = json.loads(sent.body)
    (point,) = body["MetricData"]
    assert by_hand == {
        "--region": sent.region,
        "--namespace": body["Namespace"],
        "--metric-name": point["MetricName"],
        "--dimensions": ",".join(f"{each['Name']}={each['Value']}" for each in point["Dimensions"]),
        "--value": f"{point['Value']:.0f}",
    }


def waited(text: str) -> str:
    return re.sub(r"Waiting \d+ s", "Waiting N s", timeless(text))


def is_stored(request: ApiRequest) -> bool:
    """Whether a request writes a parameter."""
    return request.headers.get("X-Amz-Target", "").endswith(".PutParameter")


def all_well(operator: Operator) -> None:
    new_test(operator.world, operator.faults)


def the_alarm_has_followed(operator: Operator) -> None:
    operator.world.switch(WEST, "ALARM")


def an_hour_later(operator: Operator) -> None:
    (*_, last) = operator.records(WEST)
    write_record(operator, json.dumps({**last, "at": "2026-11-25T03:12:40Z"}))


def write_record(operator: Operator, text: str) -> None:
    client("ssm", CENTRAL, operator.world.endpoint).put_parameter(
        Name=f"/iot-dr/example/dev/switch/{WEST}", Value=text, Type="String", Overwrite=True
    )


def the_standby_is_gone(operator: Operator) -> None:
    all_well(operator)
    operator.world.see({CENTRAL: RegionHealth(tcp=False)})


def home_and_us_east_1_hang(operator: Operator) -> None:
    all_well(operator)
    for region in (WEST, "us-east-1"):
        operator.faults.fail("hang", region)


def nothing_new(_operator: Operator) -> None:
    pass


SCENES = (
    *(all_well, the_alarm_has_followed, an_hour_later),
    *(the_standby_is_gone, home_and_us_east_1_hang, nothing_new),
)
