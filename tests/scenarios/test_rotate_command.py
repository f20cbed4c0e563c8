"""`iot-dr rotate` on a made-up day: real Terraform, HTTP, DNS and TLS, on this machine.

The stand-in provider makes certificates and domain configurations up; see
tests/support/rotation_world.py for what follows what. No clock on the wall is waited for.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from environments.loader import load
from iot_dr.aws.clients import Clients
from iot_dr.aws.errors import CredentialsError, NotAllowedError
from iot_dr.cli import app, rotate_run
from iot_dr.cli.rotate_run import RefusedError, RotateWish, run
from iot_dr.failover.region_health import RegionHealth
from iot_dr.rotate.look import STEPS, Step
from iot_dr.rotate.record import Rotation, RotationLog
from iot_dr.rotate.rotating import Rotating
from iot_dr.rotate.site import Site
from iot_dr.rotate.steps import AloneError, MeanwhileError
from iot_dr.rotate.waiting import NotInTimeError
from iot_dr.rotate.workbench import UnexpectedChangeError
from iot_dr.status.network import Network
from iot_dr.terraform.mixture import MixtureError
from iot_dr.terraform.provider_choice import Provider
from iot_dr.terraform.sandbox.locks import locks_in
from iot_dr.user_error import UsageError, UserError
from tests.support.applied_world import AppliedWorld, applied_world, new_test
from tests.support.aws_account import lead_to, variables
from tests.support.aws_faults import Faults, Reply, Request
from tests.support.command import iot_dr, plain_environment
from tests.support.rotation_world import Day, rotation_day
from tests.support.runbook import PAGES, Walk, timeless
from tests.support.sandbox_run import changes, sandbox_run
from tests.support.tls_names import Authority

DEV = load("dev", {})
WEST, CENTRAL = DEV.regions
SANDBOX = Path(".sandbox", "dev")
HOUR = 3600.0


@dataclass(frozen=True)
class Estate:
    """What takes seconds to make: the account, dev applied in a sandbox, and an authority."""

    world: AppliedWorld
    faults: Faults
    sandbox: Path
    certificates: Path
    authority: Authority


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    folder, certificates = (tmp_path_factory.mktemp(each) for each in ("estate", "certificates"))
    (folder / "scratch").mkdir()
    with sandbox_run(folder / "sandbox", folder / "scratch") as made:
        assert all(changes(each) for each in made.plan(apply=True).values())
    with applied_world(DEV, tmp_path_factory.mktemp("stacks")) as (world, faults):
        yield Estate(world, faults, folder / "sandbox", certificates, Authority(certificates))


@pytest.fixture
def day(estate: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    """A day on which all is well; this process is led to the account and works in a folder."""
    new_test(estate.world, estate.faults)
    shutil.copytree(estate.sandbox, tmp_path / SANDBOX)
    monkeypatch.chdir(tmp_path)
    lead_to(estate.faults.endpoint, monkeypatch)
    made = rotation_day(
        estate.world, estate.faults, estate.authority, estate.certificates, tmp_path
    )
    with made as day:
        yield day


def wished(region: str, **options: bool) -> RotateWish:
    return RotateWish(
        environment="dev",
        region=region,
        provider="standin",
        yes=options.get("yes", True),
        force=options.get("force", False),
        abandon=options.get("abandon", False),
        as_json=options.get("as_json", False),
    )


def rotate(day: Day, region: str, **options: bool) -> int:
    """Run the command; a region is seen from here as Route 53 sees it, when that is asked."""
    return run(wished(region, **options), day.network, day.waits, prober=lambda _name: None)


def outcomes(day: Day, region: str) -> list[str]:
    """Give what the records say, each once: a call that is answered late is made again."""
    return [each for each, _ in groupby(each["outcome"] for each in day.records(region))]


def puts(day: Day) -> list[tuple[str, bool]]:
    """Give the switches that were put, the region and whether away, each once as above."""
    return [each for each, _ in groupby(day.puts())]


class Stop(BaseException):
    """The machine goes off."""


@dataclass
class Stopping:
    """Goes off when a step begins, or when something is told that holds a text."""

    at: str

    def begins(self, step: Step) -> None:
        if step == self.at:
            raise Stop

    def waits(self, seconds: float, missing: str) -> None:
        pass

    def tells(self, text: str) -> None:
        if self.at in text:
            raise Stop


def stop(day: Day, region: str, at: str) -> None:
    """Rotate as another operator would, until the machine goes off."""
    site = Site(
        settings=DEV,
        region=region,
        provider=Provider.STANDIN,
        network=day.network,
        prober=lambda _name: None,
        waits=day.waits,
    )
    rotating = Rotating(site=site)
    with pytest.raises(Stop):
        rotating.go_on(rotating.look(), Stopping(at))


@pytest.mark.parametrize("region", [CENTRAL, WEST])
def test_a_region_gets_a_new_certificate_while_another_takes_the_devices(
    day: Day, region: str, capsys: pytest.CaptureFixture[str]
) -> None:
    keeper = DEV.keeper(region)
    before, other = day.certificate(region), day.certificate(keeper)
    assert rotate(day, region, as_json=True) == 0
    told = capsys.readouterr()
    now = day.certificate(region)
    assert now not in {before, other}
    assert day.certificate(keeper) == other
    assert day.serving(region) == [now, now]
    assert puts(day) == [(region, True), (region, False)]
    assert outcomes(day, region) == ["begun", "done"]
    assert [step for step in "12345" if f"\n{step}. " in told.err] == [*"12345"]
    assert f"Next: iot-dr rotate --region {keeper} --env dev" in told.err
    document = json.loads(told.out)
    assert (document["outcome"], document["step"], document["next_region"]) == (
        "done",
        None,
        keeper,
    )
    assert document["certificate"]["before"] == before
    assert document["certificate"]["now"] == now
    assert len(document["certificate"]["sha256"]) == 64
    # Nothing is left of the plans, which hold secrets.
    assert [*Path(".deploy").rglob("*.tfplan")] == []


AT_HOME = ("iot-dev-hosted-zone: 3 to replace", "iot-dev-iot-eu-west-1: 2 to create")


@pytest.mark.parametrize(("region", "within"), [(CENTRAL, ()), (WEST, AT_HOME)])
def test_stopped_at_every_step_another_operator_goes_on(
    day: Day, region: str, within: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    before = day.certificate(region)
    stops = (*STEPS[:3], *within, *STEPS[3:])
    seen = [before]
    for at in stops:
        stop(day, region, at)
        seen.append(day.certificate(region))
    assert rotate(day, region) == 0
    assert "Under way: begun by arn:aws:sts::111111111111:user/moto" in capsys.readouterr().out
    assert {*seen} == {before, day.certificate(region)}
    assert before != day.certificate(region)
    assert day.serving(region) == [day.certificate(region)] * 2
    assert puts(day) == [(region, True), (region, False)]
    assert outcomes(day, region) == ["begun", "done"]


def test_what_a_deploy_made_anew_at_home_goes_before_the_old_certificate_is_deleted(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    regional = next(SANDBOX.rglob("iot-dev-iot-eu-west-1.tfstate"))
    serving = json.loads(regional.read_bytes())
    stop(day, WEST, "iot-dev-iot-eu-west-1: 2 to create")
    # ACM had not issued it yet, and a deploy meanwhile has made what was served before.
    edit(
        next(SANDBOX.rglob("iot-dev-hosted-zone.tfstate")),
        without("aws_acm_certificate_validation"),
    )
    edit(regional, lambda _resources: serving["resources"])
    assert rotate(day, WEST) == 0
    told = capsys.readouterr().err
    deleted, issued, made = (
        told.index(each)
        for each in (
            "iot-dev-iot-eu-west-1: 2 to destroy",
            "iot-dev-hosted-zone: 1 to create",
            "iot-dev-iot-eu-west-1: 2 to create",
        )
    )
    assert deleted < issued < made
    assert day.serving(WEST) == [day.certificate(WEST)] * 2


Resources = list[dict[str, Any]]


def edit(state: Path, change: Callable[[Resources], Resources]) -> None:
    """Write a state as another run would."""
    document = json.loads(state.read_bytes())
    document["resources"] = change(document["resources"])
    document["serial"] += 1
    state.write_text(json.dumps(document))


def without(type_: str) -> Callable[[Resources], Resources]:
    return lambda resources: [each for each in resources if each["type"] != type_]


def test_any_answer_but_yes_is_a_look_that_changes_nothing(
    day: Day, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = day.certificate(CENTRAL)
    typed(monkeypatch, "no\n")
    assert rotate(day, CENTRAL, yes=False) == 1
    told = capsys.readouterr()
    assert "± aws_acm_certificate.certificate" in told.out
    assert "The rule stateful-resource-destroyed blocks such a plan" in told.out
    assert "Declined: nothing was changed." in told.err
    assert (day.certificate(CENTRAL), puts(day), day.records(CENTRAL)) == (before, [], [])
    assert locks_in(SANDBOX) == []


class Terminal(StringIO):
    """Where somebody sits and types, and sees what is printed; `meanwhile` happens before."""

    def __init__(self, line: str, meanwhile: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._line = line
        self._meanwhile = meanwhile

    def isatty(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:
        del size
        if self._meanwhile:
            self._meanwhile()
        self.write(self._line)
        return self._line


def typed(
    patch: pytest.MonkeyPatch, line: str, meanwhile: Callable[[], None] | None = None
) -> None:
    patch.setattr(sys, "stdin", Terminal(line, meanwhile))


def test_not_served_in_an_hour_it_says_how_to_go_on_and_then_does(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    day.serves_after = 2 * HOUR
    with pytest.raises(NotInTimeError) as error:
        rotate(day, CENTRAL)
    assert "not within 60 minutes: mqtt-eu-central-1.iot-dev.example.com" in str(error.value)
    assert "certificate unfit: for another name" in str(error.value)
    assert (
        "Stopped in step 4; nothing is lost. To go on: iot-dr rotate --region eu-central-1"
        " --env dev --provider standin\n"
    ) in capsys.readouterr().err
    # Not switched back while nothing is served.
    assert puts(day) == [(CENTRAL, True)]
    assert outcomes(day, CENTRAL)[-1] == "begun"
    day.now += 2 * HOUR
    assert rotate(day, CENTRAL) == 0
    assert puts(day) == [(CENTRAL, True), (CENTRAL, False)]


def test_devices_that_still_connect_are_waited_for_and_then_it_is_for_the_operator_to_say(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    before = day.certificate(CENTRAL)
    day.connects[CENTRAL] = 7
    with pytest.raises(NotInTimeError, match="7 connects in the last 5 minutes"):
        rotate(day, CENTRAL)
    assert day.certificate(CENTRAL) == before
    assert rotate(day, CENTRAL, force=True) == 0
    told = capsys.readouterr().err
    assert "7 connects in the last 5 minutes all the same (--force)" in told
    assert "they are cut off now" in told


def test_what_cannot_be_seen_of_route_53_and_the_broker_is_told_and_holds_nothing_up(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    day.faults.answers.insert(0, deny("GetMetricStatistics"))
    day.faults.fail("refuse", "us-east-1")
    assert rotate(day, CENTRAL) == 0
    told = capsys.readouterr().err
    assert "Whether devices still connect is unknown: cloudwatch:GetMetricStatistics" in told


def test_a_region_that_was_away_is_left_away(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    day.follow(CENTRAL, is_away=True)
    assert rotate(day, CENTRAL) == 0
    assert "It was switched away before, and is left so." in capsys.readouterr().out
    assert (CENTRAL, False) not in puts(day)


def deny(operation: str) -> Callable[[Request], Reply | None]:
    """Refuse an operation, as IAM does."""
    told = {"__type": "AccessDeniedException", "message": "not authorized"}

    def answer(request: Request) -> Reply | None:
        if not request.headers.get("X-Amz-Target", "").endswith(f".{operation}"):
            return None
        return Reply(400, json.dumps(told).encode(), "application/x-amz-json-1.1")

    return answer


def test_when_the_other_region_fails_while_it_drains_nothing_is_replaced(day: Day) -> None:
    before = day.certificate(WEST)
    day.events.append(lambda: day.world.see({CENTRAL: RegionHealth(tcp=False)}))
    with pytest.raises(AloneError, match="nothing was replaced"):
        rotate(day, WEST)
    assert day.certificate(WEST) == before
    # The way back, with the other region as it is.
    assert rotate(day, WEST, abandon=True) == 0
    assert puts(day) == [(WEST, True), (WEST, False)]
    assert outcomes(day, WEST)[-1] == "abandoned"


def test_half_deleted_it_goes_on_although_the_other_region_fails(day: Day) -> None:
    stop(day, WEST, "iot-dev-hosted-zone: 3 to replace")
    day.world.see({CENTRAL: RegionHealth(tcp=False)})
    # Route 53 answers with the primary, when all fail.
    day.names.route53.away = frozenset()
    assert rotate(day, WEST) == 0
    assert day.serving(WEST) == [day.certificate(WEST)] * 2


def test_one_region_at_a_time(day: Day) -> None:
    stop(day, CENTRAL, "drain")
    with pytest.raises(RefusedError, match="eu-central-1 is being rotated, begun by arn:aws:sts"):
        rotate(day, WEST)
    assert puts(day) == [(CENTRAL, True)]
    assert day.records(WEST) == []


def test_the_later_of_two_operators_is_told_of_the_first(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile() -> None:
        begun = Rotation.begun("arn:aws:sts::111111111111:user/ada", "arn:old", was_away=False)
        RotationLog(DEV, Clients(None)).write(WEST, begun)

    typed(monkeypatch, "yes\n", meanwhile)
    with pytest.raises(MeanwhileError, match=r"somebody was at the rotation of eu-west-1 .*ada"):
        rotate(day, CENTRAL, yes=False)
    assert (puts(day), day.records(CENTRAL)) == ([], [])


def test_of_two_who_begin_in_one_moment_none_goes_on(day: Day) -> None:
    log = RotationLog(DEV, Clients(None))

    def begin_elsewhere(request: Request) -> None:
        if request.headers.get("X-Amz-Target", "").endswith(".PutParameter"):
            day.faults.answers.remove(begin_elsewhere)
            log.write(WEST, Rotation.begun("ada", "arn:old", was_away=False))

    day.faults.answers.insert(0, begin_elsewhere)
    with pytest.raises(MeanwhileError):
        rotate(day, CENTRAL)
    assert outcomes(day, CENTRAL) == ["begun", "abandoned"]
    assert puts(day) == []


def test_a_plan_that_changes_more_than_a_rotation_is_refused(day: Day) -> None:
    edit(next(SANDBOX.rglob("iot-dev-iot-eu-central-1.tfstate")), without("aws_iot_policy"))
    with pytest.raises(UnexpectedChangeError, match=r"would also create aws_iot_policy\S+,"):
        rotate(day, CENTRAL)
    assert puts(day) == []


def test_an_environment_that_is_not_deployed_is_refused(day: Day) -> None:
    shutil.rmtree(SANDBOX)
    with pytest.raises(RefusedError, match="is in no state: deploy the environment first"):
        rotate(day, CENTRAL)


def test_without_the_right_to_keep_a_record_nothing_is_begun(day: Day) -> None:
    before = day.certificate(CENTRAL)
    day.faults.answers.insert(0, deny("PutParameter"))
    with pytest.raises(NotAllowedError, match="ssm:PutParameter"):
        rotate(day, CENTRAL)
    assert (puts(day), day.certificate(CENTRAL)) == ([], before)


def test_without_credentials_it_says_so(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(CredentialsError, match="no usable AWS credentials"):
        rotate(day, CENTRAL)


def test_ctrl_c_at_the_question_changes_nothing(
    day: Day, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "", interrupt)
    assert rotate(day, CENTRAL, yes=False) == 130
    assert "Interrupted: nothing was changed." in capsys.readouterr().err
    assert (puts(day), day.records(CENTRAL)) == ([], [])


def interrupt() -> None:
    raise KeyboardInterrupt


def test_ctrl_c_in_a_wait_says_where_it_was_and_how_to_go_on(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    day.events.append(interrupt)
    assert rotate(day, CENTRAL) == 130
    told = capsys.readouterr().err
    assert "Interrupted in step 2; nothing is lost." in told
    assert "To go on: iot-dr rotate --region eu-central-1 --env dev --provider standin" in told
    day.events.clear()
    assert rotate(day, CENTRAL) == 0
    assert puts(day) == [(CENTRAL, True), (CENTRAL, False)]


def test_ctrl_c_while_terraform_works_leaves_no_lock_and_the_same_command_goes_on(
    day: Day, tmp_path: Path
) -> None:
    day.follow(CENTRAL, is_away=True)
    before = day.certificate(CENTRAL)
    network = {
        "resolvers": [each.port for each in day.names.resolvers],
        "authority_port": day.names.own.port,
        "tls_port": day.tls.port,
        "roots": str(day.authority.roots),
    }
    program = [sys.executable, "-m", "tests.support.rotate_program", json.dumps(network)]
    options = ["--region", CENTRAL, "--env", "dev", "--provider", "standin", "--yes"]
    with subprocess.Popen(
        [*program, "rotate", *options],
        cwd=tmp_path,
        env={**plain_environment(), **variables(day.faults.endpoint)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "4 to replace" in line:
                break
        while not locks_in(SANDBOX):
            assert process.poll() is None
            time.sleep(0.01)
        # To the whole group, as a terminal does.
        os.killpg(process.pid, signal.SIGINT)
        told = process.stderr.read()
    assert process.returncode == 130, told
    assert "Stopping: Terraform ends what it has begun and releases its lock." in told
    assert "Interrupted in step 3; nothing is lost." in told
    assert "Traceback" not in told
    assert locks_in(SANDBOX) == []
    assert rotate(day, CENTRAL) == 0
    now = day.certificate(CENTRAL)
    assert now != before
    assert day.serving(CENTRAL) == [now, now]


def test_the_stand_in_never_meets_a_real_account(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with pytest.raises(MixtureError, match="the switch that a rotation puts would be a real one"):
        rotate(day, CENTRAL)


def test_the_real_provider_never_meets_a_made_up_account(day: Day) -> None:
    wish = replace(wished(CENTRAL), provider="aws")
    with pytest.raises(MixtureError, match="PROVIDER=aws makes real resources"):
        run(wish, day.network, day.waits)


def test_help_shows_an_example() -> None:
    shown = iot_dr("rotate", "--help").stdout
    assert "Example: iot-dr rotate --region eu-central-1 --env prod --provider aws" in shown


@pytest.mark.parametrize(
    ("region", "options", "told"),
    [
        ("eu-west-2", {}, "'eu-west-2' is no region of dev"),
        (CENTRAL, {"yes": False}, "there is no terminal to ask on; add --yes"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_asked_of_aws(
    day: Day, region: str, options: dict[str, bool], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO())
    with pytest.raises(UsageError, match=told):
        rotate(day, region, **options)
    assert day.faults.seen == []


@dataclass
class Shell:
    """A terminal whose `iot-dr` has this day around it; `answer` is typed at a question."""

    day: Day
    patch: pytest.MonkeyPatch
    answer: str = "yes"

    def __call__(self, command: str) -> str:
        """Run a line `iot-dr ...` and give all that is printed, as it is seen on a terminal."""
        program, *arguments = shlex.split(command)
        assert program == "iot-dr"
        screen = Terminal(f"{self.answer}\n")
        day = self.day
        with self.patch.context() as patch:
            patch.setattr(rotate_run, "run", partial(run, network=day.network, waits=day.waits))
            patch.setattr(Network, "public", lambda: day.network)
            patch.setattr(sys, "stdin", screen)
            patch.setattr(sys, "stdout", screen)
            patch.setattr(sys, "stderr", Screen(screen))
            try:
                app(arguments, standalone_mode=False)
            except UserError as error:
                screen.write(f"{error}\n")
        return screen.getvalue()


@dataclass
class Screen:
    """The terminal as standard error has it: no terminal, so that waits are told line by line."""

    screen: Terminal

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> int:
        return self.screen.write(text)

    def flush(self) -> None:
        pass


def anonymous(text: str) -> str:
    """Give a text with the ids and times of its run alike."""
    one_run = r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}|[0-9a-f]{16}(?=\.\.\.)|(?<=ends in )\d+"
    return re.sub(one_run, "ID", timeless(text))


@pytest.mark.runbook("rotate.md", "Look first", "Rotate", "Stopped")
def test_the_runbook_rotates_a_standby(
    walk: Walk, day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = Shell(day, monkeypatch)
    shell.answer = "no"
    walk.step(shell, f"iot-dr rotate --region {CENTRAL}", alike=anonymous)
    shell.answer = "yes"
    day.events.append(partial(interrupt_when_replaced, day, day.certificate(CENTRAL)))
    walk.step(shell, f"iot-dr rotate --region {CENTRAL}", alike=anonymous)
    day.events.clear()
    walk.step(shell, f"iot-dr rotate --region {CENTRAL}", alike=anonymous)


def interrupt_when_replaced(day: Day, before: str | None) -> None:
    if day.certificate(CENTRAL) != before:
        raise KeyboardInterrupt


@pytest.mark.runbook("rotate.md", "Home", "Way back", "Verify")
def test_the_runbook_looks_at_home_and_goes_back(
    walk: Walk, day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = Shell(day, monkeypatch)
    day.events.append(interrupt)
    walk.step(shell, f"iot-dr rotate --region {WEST}", alike=anonymous)
    day.events.clear()
    walk.step(shell, f"iot-dr rotate --region {WEST}", alike=anonymous)
    day.follow(WEST, is_away=False)
    walk.step(shell, "iot-dr status")


def test_the_runbook_s_policy_allows_what_is_asked_beyond_a_switch_and_nothing_else(
    day: Day,
) -> None:
    assert rotate(day, CENTRAL) == 0
    asked = {action(each) for each in day.faults.seen}
    switch, own = (allowed(page) for page in ("switch.md", "rotate.md"))
    # ssm's actions are the switch's too, on another parameter.
    assert asked - {"sts"} <= switch | own
    assert own - switch == {"acm:GetCertificate", "cloudwatch:GetMetricStatistics"}
    assert own <= asked


def allowed(page: str) -> set[str]:
    (policy,) = re.findall(r"```json\n(.+?)```", (PAGES / page).read_text(), re.DOTALL)
    found = (each["Action"] for each in json.loads(policy)["Statement"])
    return {each for told in found for each in ([told] if isinstance(told, str) else told)}


def action(request: Request) -> str:
    """Give the IAM action of a request."""
    if request.service == "route53":
        name = "GetHealthCheckStatus" if request.path.endswith("/status") else "ListHealthChecks"
        return f"route53:{name}"
    service = {"monitoring": "cloudwatch"}.get(request.service, request.service)
    operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
    return f"{service}:{operation}" if operation else service
