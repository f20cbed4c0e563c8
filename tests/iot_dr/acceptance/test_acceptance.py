"""`iot-dr acceptance` in a made-up account: what it does when it fails, is stopped or refuses."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from environments.loader import load
from environments.settings import Settings
from iot_dr.acceptance.journal import JournalError
from iot_dr.acceptance.tools import RunTools, VerificationError
from iot_dr.cli import acceptance
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.deploy.folder import DeployFolderError, deploy_folder
from iot_dr.observe.aws.errors import RequestRefusedError
from tests.iot_dr.acceptance.account import Account
from tests.support.command import iot_dr_here
from tests.support.json_output import result_of

WEST, CENTRAL = load("dev", {}).regions
FOLDER = Path(".acceptance", "dev")


def run(tools_of: acceptance.ToolsOf, confirm: str = "dev", *, as_json: bool = False) -> int:
    return acceptance.run("dev", "aws", confirm, tools_of, as_json=as_json)


@pytest.fixture
def account(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Account:
    """An account in which all goes well; the process works in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return Account(tmp_path_factory.mktemp("stacks"))


def transcript() -> dict[str, Any]:
    (file,) = FOLDER.glob("transcript-*.json")
    return json.loads(file.read_bytes())


def outcomes(step: str) -> list[str]:
    by_name = {each["name"]: each["attempts"] for each in transcript()["steps"]}
    return [each["outcome"] for each in by_name[step]]


def switches(account: Account) -> list[str]:
    return [each.split()[1] for each in account.commands if each.startswith("switch")]


def test_a_run_that_passes_switches_there_and_back_twice_and_removes_what_it_made(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(account.tools) == 0
    assert switches(account) == ["away", "back", "back"]
    assert transcript()["verdict"] == "passed"
    assert account.commands[-1].startswith("destroy --confirm dev")
    assert not (FOLDER / "journal.json").exists()
    assert not (FOLDER / "device").exists()
    assert capsys.readouterr().out.count("passed: ") == 17


def test_a_switch_that_lapses_without_data_fails_the_run_and_is_put_back(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.lapses = True
    assert run(account.tools) == 1
    printed = capsys.readouterr().out
    assert (
        "failed: the switch did not keep its state without data: the switch of eu-west-1 is OK"
        in printed
    )
    assert "After the failure: eu-west-1 is switched back" in printed
    assert switches(account) == ["away", "back"]
    assert transcript()["verdict"] == "failed"
    account.lapses = False
    assert run(account.tools) == 0
    assert "continues with the step `away`" in capsys.readouterr().out
    assert outcomes("away") == ["undone", "passed"]
    assert outcomes("still away") == ["failed", "passed"]
    assert outcomes("deploy") == ["passed"]


def test_a_canary_that_fails_unseen_fails_the_run_and_may_publish_again(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.blind = True
    assert run(account.tools) == 1
    assert "not within 23 minutes: the switch of eu-west-1 is OK" in capsys.readouterr().out
    assert account.denied_since is None
    assert transcript()["undone"] == [
        "the canary may publish",
        "the deep check of eu-west-1 is healthy",
        "eu-west-1 is switched back",
        "DNS answers eu-west-1",
    ]
    left = str(transcript()["remaining"])
    assert "switched away" not in left
    assert "delete-role-policy" not in left


def test_what_cannot_be_undone_is_printed_with_the_commands_that_undo_it(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.blind = True
    account.failing["delete_role_policy"] = RequestRefusedError("iam: refused", "Throttling")
    assert run(account.tools) == 1
    printed = capsys.readouterr().out
    assert "After the failure: NOT DONE, the canary may publish: iam: refused" in printed
    assert "After the failure: eu-west-1 is switched back" in printed
    assert (
        "Remaining: aws iam delete-role-policy --role-name example-dev-canary-eu-west-1"
        " --policy-name iot-dr-acceptance\n"
    ) in printed


def test_a_switch_back_that_nothing_follows_is_not_taken_for_done(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.stuck = True
    assert run(account.tools) == 1
    printed = capsys.readouterr().out
    assert "NOT DONE, DNS answers eu-west-1: not within 23 minutes: the switch" in printed
    assert "Remaining: devices may be switched away until: iot-dr switch back eu-west-1" in printed


def test_output_that_nobody_reads_any_more_leaves_no_device_switched_away(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    def unread(settings: Settings, folder: Path, show: Callable[[str], None]) -> RunTools:
        def shown(line: str) -> None:
            if account.away_since is not None or switches(account):
                raise BrokenPipeError
            show(line)

        return account.tools(settings, folder, shown)

    assert run(unread) == 1
    assert switches(account) == ["away", "back"]
    assert account.away_since is None
    assert "After the failure: DNS answers eu-west-1" in capsys.readouterr().out


def test_a_disk_that_takes_no_file_leaves_no_device_switched_away_and_hides_nothing(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    def fill() -> None:
        if account.away_since is not None:
            account.on_sleep = lambda: None
            for file in [FOLDER / "journal.json", *FOLDER.glob("transcript-*")]:
                file.unlink()
                file.mkdir()

    account.on_sleep = fill
    with pytest.raises(OSError, match="transcript"):
        run(account.tools)
    assert switches(account) == ["away", "back"]
    printed = capsys.readouterr().out
    assert "After the failure: DNS answers eu-west-1" in printed
    assert "Remaining: the test device" in printed


def test_ctrl_c_while_devices_are_led_back_says_what_was_not_done(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(line: str) -> None:
        if line.startswith("switch back"):
            account.on_command = lambda _: None
            raise KeyboardInterrupt

    account.lapses, account.on_command = True, interrupt
    with pytest.raises(KeyboardInterrupt):
        run(account.tools)
    printed = capsys.readouterr().out
    assert "After the failure: the canary may publish" in printed
    assert "After the failure: NOT DONE, eu-west-1 is switched back: interrupted" in printed
    assert "Remaining: devices may be switched away until: iot-dr switch back eu-west-1" in printed
    account.lapses = False
    assert run(account.tools) == 0
    assert outcomes("away") == ["undone", "passed"]
    assert transcript()["undone"] == []


def test_a_failover_that_was_there_before_the_canary_failed_does_not_count(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    def elsewhere(settings: Settings, folder: Path, show: Callable[[str], None]) -> RunTools:
        def shown(line: str) -> None:
            if "canary fails:" in line:
                account.away_since = account.now
            show(line)

        return account.tools(settings, folder, shown)

    account.blind = True
    assert run(elsewhere) == 1
    assert "not within 23 minutes: the switch of eu-west-1 is ALARM" in capsys.readouterr().out
    assert "put_role_policy" not in [method for _, method, _ in account.calls]


def test_a_canary_that_fails_already_is_put_right_and_made_to_fail_again(account: Account) -> None:
    account.on_sleep = lambda: stop(account, "canary fails", after=20)
    with pytest.raises(KeyboardInterrupt):
        run(account.tools)
    assert account.denied_since is not None
    left = transcript()["remaining"]
    assert any("aws iam delete-role-policy" in line for line in left)
    account.now += 3600
    assert run(account.tools) == 0
    methods = [method for _, method, _ in account.calls]
    assert methods.count("put_role_policy") == 4


def test_commands_that_remove_the_test_device_are_printed(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.lapses = True
    assert run(account.tools) == 1
    printed = capsys.readouterr().out
    assert "Remaining: the environment exists: iot-dr destroy --env dev" in printed
    for region in (WEST, CENTRAL):
        assert (
            f"Remaining: aws iot update-certificate --region {region} --certificate-id " in printed
        )
        assert f"Remaining: aws iot delete-thing --region {region} --thing-name accept" in printed
    assert " --new-status INACTIVE\n" in printed


@pytest.mark.parametrize("at", ["still away:", "18 back:", "canary works:"])
@pytest.mark.parametrize("what", ["switch", "by_dns"])
def test_an_answer_that_is_missing_for_a_while_fails_no_step(
    account: Account, at: str, what: str
) -> None:
    def blinded(settings: Settings, folder: Path, show: Callable[[str], None]) -> RunTools:
        def shown(line: str) -> None:
            if at in line:
                account.unseen[what] = 2
            show(line)

        return account.tools(settings, folder, shown)

    assert run(blinded) == 0
    assert account.unseen[what] == 0


def test_an_answer_that_stays_missing_fails_the_step_with_the_reason(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    def blind(line: str) -> None:
        if line.startswith("status") and account.now > (account.away_since or account.now) + 800:
            account.unseen["switch"] = 1

    account.on_command = blind
    assert run(account.tools) == 1
    why = "not within 1 minutes: the switch of eu-west-1 is unknown: no answer in time\n"
    assert f"failed: {why}" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["deep", "switch", "TLS"])
def test_a_status_that_saw_not_all_is_not_ready(
    account: Account, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    account.unseen[what] = 10_000
    assert run(account.tools) == 1
    why = f"not within 60 minutes: eu-central-1: {what} is unknown: no answer in time"
    assert why in capsys.readouterr().out.replace(
        f"eu-west-1: {what} is unknown: no answer in time; ", ""
    )
    assert switches(account) == []


@pytest.mark.parametrize("during", ["hour", "silence"])
def test_a_wait_that_was_interrupted_goes_on_for_the_rest_of_it(
    account: Account, during: str, capsys: pytest.CaptureFixture[str]
) -> None:
    account.on_sleep = lambda: stop(account, during)
    with pytest.raises(KeyboardInterrupt):
        run(account.tools)
    assert f"continues at the step `{during}`" in capsys.readouterr().out
    assert transcript()["verdict"] == "not finished"
    assert run(account.tools) == 0
    assert outcomes(during) == ["running", "passed"]
    by_name = {each["name"]: each for each in transcript()["steps"]}
    assert by_name[during]["evidence"] == {"waited": "3600 s" if during == "hour" else "900 s"}
    assert by_name[during]["seconds"] == (3600 if during == "hour" else 900) - 240
    assert len(transcript()["resumed"]) == 1


def stop(account: Account, during: str, after: float = 200) -> None:
    attempts = json.loads((FOLDER / "journal.json").read_bytes())["attempts"]
    if attempts[-1]["step"] == during and account.now > attempts[-1]["began"] + after:
        account.on_sleep = lambda: None
        raise KeyboardInterrupt


@pytest.mark.parametrize("command", ["deploy", "switch away", "switch back", "destroy"])
def test_a_run_that_was_killed_at_a_command_goes_on_with_it(account: Account, command: str) -> None:
    def kill(line: str) -> None:
        if line.startswith(command):
            account.on_command = lambda _: None
            raise KeyboardInterrupt

    account.on_command = kill
    with pytest.raises(KeyboardInterrupt):
        run(account.tools)
    assert run(account.tools) == 0
    assert transcript()["verdict"] == "passed"
    assert account.away_since is None


@pytest.mark.parametrize("stack", ["entry-point", "iot-eu-central-1"])
def test_an_environment_that_stood_before_in_part_or_all_is_not_destroyed(
    account: Account, stack: str
) -> None:
    account.standing, account.lapses = (f"iot-dev-{stack}",), True
    assert run(account.tools) == 1
    assert not [each for each in transcript()["remaining"] if "destroy" in each]
    account.lapses = False
    assert run(account.tools) == 0
    assert not [each for each in account.commands if each.startswith("destroy")]
    assert outcomes("destroy") == ["skipped"]
    assert transcript()["remaining"] == []


def test_credentials_of_another_account_end_the_run_before_anything_is_made(
    account: Account,
) -> None:
    account.account_id = "222222222222"
    with pytest.raises(VerificationError, match="are of account 222222222222; dev is in 1111"):
        run(account.tools)
    assert [each.split()[0] for each in account.commands] == ["synth"]


def test_credentials_of_another_account_do_not_go_on_with_a_run(account: Account) -> None:
    account.on_sleep = lambda: stop(account, "silence")
    with pytest.raises(KeyboardInterrupt):
        run(account.tools)
    account.account_id = "222222222222"
    with pytest.raises(VerificationError, match="are of account 222222222222"):
        run(account.tools)
    account.account_id = "111111111111"
    assert run(account.tools) == 0
    assert outcomes("silence") == ["running", "passed"]


def test_credentials_that_become_those_of_another_account_undo_nothing_there(
    account: Account,
) -> None:
    def change() -> None:
        if account.away_since is not None:
            account.account_id = "222222222222"

    account.on_sleep = change
    assert run(account.tools) == 1
    why = "the credentials are of account ********2222; dev is in ********1111 (account_id)"
    assert transcript()["undone"][0] == f"NOT DONE, the canary may publish: {why}"
    assert switches(account) == ["away"]
    assert "delete_role_policy" not in [method for _, method, _ in account.calls]


def test_credentials_that_were_renewed_during_a_wait_are_used_after_it(account: Account) -> None:
    account.on_sleep = lambda: setattr(account, "is_stale", True)
    account.blind = True
    assert run(account.tools) == 1
    assert transcript()["undone"][0] == "the canary may publish"
    account.blind = False
    assert run(account.tools) == 0


def test_a_run_does_not_go_on_with_another_primary_or_account(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edited(settings: Settings, folder: Path, show: Callable[[str], None]) -> RunTools:
        return account.tools(
            settings.model_copy(update={"account_id": account.account_id}), folder, show
        )

    account.on_sleep = lambda: stop(account, "silence")
    with pytest.raises(KeyboardInterrupt):
        run(account.tools)
    before = len(account.commands)
    with monkeypatch.context() as patch:
        patch.setenv("PRIMARY_REGION", CENTRAL)
        wrong = f"failover_order: must stay {WEST}, {CENTRAL} during the run, not {CENTRAL}, {WEST}"
        with pytest.raises(JournalError, match=wrong):
            run(account.tools)
    account.account_id = "222222222222"
    with pytest.raises(
        JournalError, match="account_id: must stay 111111111111 during the run, not 222222222222"
    ):
        run(edited)
    assert [each.split()[0] for each in account.commands[before:]] == ["synth", "synth"]


def test_a_plan_that_is_not_empty_fails_the_run_and_names_the_changes(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.drift = [f"aws_route53_health_check.check_{number}" for number in range(5)]
    assert run(account.tools) == 1
    printed = capsys.readouterr().out
    assert (
        "the plan is not empty: iot-dev-state: update aws_route53_health_check.check_0" in printed
    )
    assert "check_2 and " in printed
    assert " more; fix the cause, then run iot-dr de" in printed
    assert "check_3" not in printed
    assert switches(account) == []


def test_an_environment_with_shallow_checks_has_no_canary_to_fail(account: Account) -> None:
    def shallow(settings: Settings, folder: Path, show: Callable[[str], None]) -> RunTools:
        health = settings.health.model_copy(update={"mode": "shallow"})
        return account.tools(settings.model_copy(update={"health": health}), folder, show)

    assert run(shallow) == 0
    assert outcomes("canary fails") == outcomes("latch cleared") == ["skipped"]
    assert "put_role_policy" not in [method for _, method, _ in account.calls]


def test_where_nothing_is_latched_devices_must_come_back_by_themselves(account: Account) -> None:
    def auto(settings: Settings, folder: Path, show: Callable[[str], None]) -> RunTools:
        recovery = settings.recovery.model_copy(update={"fail_back": "auto"})
        return account.tools(settings.model_copy(update={"recovery": recovery}), folder, show)

    account.latches = False
    assert run(auto) == 0
    assert switches(account) == ["away", "back"]
    assert outcomes("latch cleared") == ["skipped"]
    denied = [given["RoleName"] for _, method, given in account.calls if method.startswith("put")]
    assert denied == ["example-dev-canary-eu-west-1"]


def test_the_transcript_masks_the_account_and_is_for_its_owner_alone(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(account.tools, as_json=True) == 0
    printed = capsys.readouterr()
    assert result_of(printed.out) == transcript()
    assert "1/18 look" in printed.err
    assert transcript()["account"] == "********1111"
    for file in FOLDER.glob("transcript-*"):
        assert file.stat().st_mode & 0o777 == 0o600
        assert "111111111111" not in file.read_text(encoding="utf-8")
    (page,) = FOLDER.glob("*.html")
    text = page.read_text(encoding="utf-8")
    assert "Acceptance run of dev: passed" in text
    assert "<h2>13. canary fails: passed</h2>" in text


def test_ids_of_other_accounts_in_errors_are_masked_too(account: Account) -> None:
    why = "iot: arn:aws:iam::222222222222:user/x may not"
    account.failing["create_thing"] = RequestRefusedError(why, "AccessDenied")
    assert run(account.tools) == 1
    assert "arn:aws:iam::********2222:user/x" in str(transcript())
    for file in FOLDER.glob("transcript-*"):
        assert "222222222222" not in file.read_text(encoding="utf-8")


def test_duration_and_cost_are_shown_before_the_question_as_the_docs_have_them(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError, match="--confirm prod: must be dev"):
        run(account.tools, confirm="prod")
    printed = capsys.readouterr().out
    assert "Duration: about 2 h " in printed
    assert " 10 x health check, $0.50\n" in printed
    assert printed in Path(__file__).parents[3].joinpath("docs/how-to/acceptance.md").read_text(
        "utf-8"
    )
    assert [each.split()[0] for each in account.commands] == ["synth"]


def test_the_stand_in_is_refused_with_what_works_without_an_account() -> None:
    done = iot_dr_here("acceptance", "--env", "dev")
    assert done.returncode == 2
    assert "set PROVIDER=aws; without an account, `iot-dr sandbox up`" in done.stderr


def test_an_account_on_this_machine_is_refused(tmp_path: Path) -> None:
    led = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "PROVIDER": "aws"}
    done = iot_dr_here("acceptance", "--env", "dev", "--confirm", "dev", cwd=tmp_path, **led)
    assert done.returncode == 2
    assert "AWS_ENDPOINT_URL" in done.stderr


def test_a_second_run_at_the_same_time_is_refused(account: Account) -> None:
    with (
        deploy_folder("dev", Path(".acceptance")),
        pytest.raises(DeployFolderError, match="another acceptance run of dev runs here"),
    ):
        run(account.tools)


def test_a_journal_that_cannot_be_read_is_an_error(account: Account) -> None:
    with deploy_folder("dev", Path(".acceptance")) as folder:
        (folder / "journal.json").write_text("{}", encoding="utf-8")
    with pytest.raises(JournalError, match=r"journal.json: not a journal of a run"):
        run(account.tools)
    (folder / "journal.json").unlink()
    os.mkfifo(folder / "journal.json")
    with pytest.raises(OSError, match="it is not a regular file"):
        run(account.tools)
