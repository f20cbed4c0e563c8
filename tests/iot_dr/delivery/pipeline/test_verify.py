"""`iot-dr pipeline verify`: the alarms that it watches after each wave, and its output."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from environments.loader import load
from iot_dr.cli.pipeline.verify import verify, watch
from iot_dr.common.output_folder import MANIFEST
from iot_dr.common.user_error import UserError
from iot_dr.common.waiting import PollLimits
from iot_dr.delivery.pipeline.bake import BakeError
from iot_dr.drill.play.account import client
from iot_dr.generate.waves import only_wave
from iot_dr.terraform_json.plan_manifest import PlanManifest, PlannedStack, StateVersion
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph
from stacks.rollout import Wave
from tests.support.aws_account import account, lead_to
from tests.support.command import iot_dr_here

CANARY, REGION = "example-staging-canary-eu-central-1", "eu-central-1"
STACK = "iot-staging-iot-eu-central-1"


def run(**changes: object) -> None:
    given = {"env": "staging", "provider": "aws", "wave": 3}
    verify(**{**given, **changes})  # pyrefly: ignore[bad-argument-type] - a test's


def watched(patience: PollLimits) -> None:
    """Watch the third wave's alarms by this clock."""
    settings = load("staging")
    assert settings.pipeline
    wave = Wave(number=3, nodes=only_wave(platform_graph(settings), 3).nodes)
    watch(settings, Provider.AWS, wave, settings.pipeline.bake_minutes, patience)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with account("222222222222") as made:
        yield made


def set_alarm(endpoint: str, state: str) -> None:
    cloudwatch = client("cloudwatch", REGION, endpoint)
    cloudwatch.put_metric_alarm(
        AlarmName=CANARY, Namespace="a", MetricName="b", Statistic="Maximum", Period=60,
        EvaluationPeriods=1, Threshold=1.0, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName=CANARY, StateValue=state, StateReason="by a test")


class Clock:
    now = 0.0

    def pause(self, seconds: float) -> None:
        self.now += seconds

    @property
    def patience(self) -> PollLimits:
        return PollLimits(limit=7200, interval=60, clock=lambda: self.now, pause=self.pause)


def test_after_a_region_its_alarm_is_watched_for_the_minutes_of_the_settings(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lead_to(endpoint, monkeypatch)
    set_alarm(endpoint, "OK")
    clock = Clock()
    watched(clock.patience)
    pipeline = load("staging").pipeline
    assert pipeline
    assert clock.now == 60 * pipeline.bake_minutes
    first, *looks, last = capsys.readouterr().out.splitlines()
    assert first == (
        f"staging: wave 3: must be quiet for {pipeline.bake_minutes} minutes in a row:"
        f" {CANARY} ({REGION})"
    )
    assert looks == [
        f"{60 * number:6} s: seen {number + 1} of {pipeline.bake_minutes + 1} times in a row"
        for number in range(pipeline.bake_minutes)
    ]
    assert last == "staging: wave 3: quiet"
    set_alarm(endpoint, "ALARM")
    with pytest.raises(BakeError, match=CANARY):
        watched(Clock().patience)


def test_after_a_wave_that_serves_nobody_no_alarm_is_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(wave=1)
    assert capsys.readouterr().out == "staging: wave 1: has no alarms to watch\n"


def test_the_stand_in_has_no_alarm_to_ask(capsys: pytest.CaptureFixture[str]) -> None:
    run(provider="standin")
    expected = f"staging: wave 3: the stand-in has no alarms: {CANARY} ({REGION})\n"
    assert capsys.readouterr().out == expected


def kept(folder: Path, *, changes: str = "", ahead: str | None = None) -> dict[str, object]:
    """Keep plans of the third wave, and a review of them; give the options that name both."""
    stack = PlannedStack(
        name=STACK, what="iot", region=REGION, role="standby", wave=3, status="planned",
        state=StateVersion("b32ed590", 3), ahead=ahead,
    )  # fmt: skip
    made = PlanManifest(
        format=1, environment="staging", provider="standin", wave=3, base=None, stacks=(stack,)
    )
    (folder / MANIFEST).write_bytes(made.encoded())
    shown = f'{{"name": "{STACK}", "status": "planned", "changes": [{changes}], "outputs": []}}'
    head = '"format": 1, "verdict": "ok", "reason": "nothing changes"'
    file = folder / "review.json"
    file.write_text(f'{{{head}, "stacks": [{shown}]}}', encoding="utf-8")
    return {"plans": folder, "review": file, "provider": "standin"}


def test_plans_that_were_overtaken_are_refused_by_the_command(tmp_path: Path) -> None:
    (tmp_path / ".sandbox" / "staging").mkdir(parents=True)
    named = kept(tmp_path)
    given = ("--env", "staging", "--provider", "standin", "--wave", "3")
    given += ("--plans", str(named["plans"]), "--review", str(named["review"]))
    done = iot_dr_here("pipeline", "verify", *given, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{STACK}: its state has moved on since this plan was made: start a new" in done.stderr


def test_plans_that_were_applied_are_not_held_against_the_state_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(**kept(tmp_path, changes="{}"))
    assert "staging: wave 3: its plans had changes to apply" in capsys.readouterr().out


def test_a_wave_that_was_skipped_is_held_against_no_state(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(**kept(tmp_path, changes="{}", ahead="iot-staging-iot-eu-west-1"))
    expected = "skipped: iot-staging-iot-eu-west-1 was left partially applied"
    assert f"staging: wave 3: {expected} and must be completed first" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"plans_sha256": "0"}, 1, "are not what was planned and approved"),
        ({"wave": 4}, 2, "contains plans of wave 3; expected wave 4"),
        ({"wave": 99}, 2, "--wave 99: there are waves 0 to"),
        ({"provider": "aws"}, 2, "made with PROVIDER=standin"),
        ({"review": None}, 2, "--plans, --review: give both or neither"),
        ({"plans": None}, 2, "--plans, --review: give both or neither"),
    ],
    ids=["digest", "wave", "no wave", "provider", "no review", "no plans"],
)
def test_other_plans_and_half_of_what_is_needed_are_refused(
    tmp_path: Path, changed: dict[str, object], status: int, said: str
) -> None:
    with pytest.raises(UserError, match=said) as error:
        run(**{**kept(tmp_path), **changed})
    assert error.value.status == status
