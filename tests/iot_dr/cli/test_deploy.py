"""What is printed of a deploy that fails, and what is left to do after one."""

from dataclasses import replace
from pathlib import Path

import pytest

from iot_dr.cli.deploy_report import DeployReport, remaining_steps
from iot_dr.cli.outcomes import StackProgress
from iot_dr.common.waiting import PollLimits
from iot_dr.delivery.deploy.deployment import CdktfResult, Deployment
from iot_dr.delivery.region_steps import DeployedRegions, region_steps
from iot_dr.delivery.stack_plan import StackChanges
from iot_dr.observe.status.endpoint import Handshake
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.parent_lookup import ParentLookup
from iot_dr.observe.status.subscriptions import Subscriptions
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform.schedule import Done, Failed, Outcome, Waiting
from iot_dr.terraform_json.provider_choice import Provider
from stacks.graph import StackNode
from tests.iot_dr.observe.status import reports
from tests.iot_dr.observe.status.world import WEST
from tests.support.aws_account import lead_to
from tests.support.command import iot_dr_here
from tests.support.json_output import document_of
from tests.support.settings import settings

NOBODY = "http://127.0.0.1:1"
NODE = StackNode(name="iot-dev-zone", what="iot", region="eu-west-1", role=None, depends_on=())
FAILED: Outcome[StackChanges] = Failed(node=NODE, error=ValueError("refused"))
DONE: Outcome[StackChanges] = Done(
    node=NODE, result=StackChanges(node=NODE, changes=(), outputs=())
)
WAITING: Outcome[StackChanges] = Waiting(node=NODE, waits_for=("cdktf",))


def report(
    outcome: Outcome[StackChanges], status: int, provider: Provider = Provider.STANDIN
) -> DeployReport:
    deployment = Deployment(
        settings=settings(),
        provider=provider,
        network=Network(resolvers=()),
        lookup=ParentLookup(network=Network(resolvers=())),
        patience=PollLimits(limit=0),
        show=lambda _: None,
        log=RunLog(Path("never-opened.log")),
        progress=StackProgress(()),
    )
    ended = CdktfResult(
        status=status,
        outcomes=(outcome,),
        warnings=(),
        last_lines="Error: cdktf is broken",
        stacks=Path(),
    )
    return DeployReport(deployment=deployment, ended=ended, done="deployed", seconds=1)


def test_the_words_of_a_cdktf_that_fails_by_itself_are_shown() -> None:
    result = list(report(WAITING, status=3).details())
    assert result[-1] == "cdktf ended with status 3:\nError: cdktf is broken"


def test_the_words_of_cdktf_are_not_shown_next_to_an_error_of_terraform() -> None:
    result = list(report(FAILED, status=1).details())
    assert result == ["iot-dev-zone: refused"]


@pytest.mark.parametrize("command", ["deploy", "destroy"])
def test_with_json_standard_output_is_kept_for_the_document(tmp_path: Path, command: str) -> None:
    done = iot_dr_here(command, "--env", "dev", "--confirm", "prod", "--json", cwd=tmp_path)
    assert done.returncode == 2
    assert "--confirm prod: must be dev" in done.stderr
    document = document_of(done.stdout)
    assert document["command"] == command
    assert "must be dev" in document["error"]["message"]


@pytest.mark.parametrize(
    ("provider", "command"),
    [
        (Provider.STANDIN, "the same command"),
        (Provider.AWS, "the same command with --leave eu-central-1"),
    ],
)
def test_the_next_step_is_named_with_the_option_that_it_needs(
    provider: Provider, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead_to(NOBODY, monkeypatch)
    target = settings(regions=["eu-west-1", "eu-north-1"])
    deployed = DeployedRegions(regions=("eu-west-1", "eu-central-1"))
    add, leave = region_steps(target, deployed)
    went = replace(report(DONE, 0, provider), steps=(add, leave))
    assert f"\nNext, by {command}: {leave}" in went.text()
    assert went.document()["region_steps"] == [str(add), str(leave)]
    assert "Next" not in replace(went, steps=(leave,)).text()
    assert "Next" not in replace(report(FAILED, 1, provider), steps=(add, leave)).text()


def test_when_all_is_well_nothing_is_left() -> None:
    assert remaining_steps(reports.report()) == ()


def test_what_cannot_be_seen_is_named_and_not_taken_for_done() -> None:
    (step,) = remaining_steps(reports.blind_report())
    assert step == (
        "Not checked, for the reasons above: what eu-west-1 serves, what eu-central-1 serves, the"
        " switch of eu-west-1, the switch of eu-central-1, who is subscribed to example-dev-alarms"
        " in eu-west-1, who is subscribed to example-dev-alarms in eu-central-1, who is subscribed"
        " to example-dev-health-checks in us-east-1."
    )


def test_a_name_that_is_not_served_yet_is_waited_for() -> None:
    unserved = replace(
        reports.well(WEST), endpoint=Handshake(address="192.0.2.1", problem="for another name")
    )
    (step,) = remaining_steps(reports.report(unserved))
    assert step == (
        "eu-west-1: mqtt-eu-west-1.iot-dev.example.com is not served yet (for another name); AWS"
        " IoT takes up to 60 minutes. Check: iot-dr status --env dev"
    )


def test_a_switch_that_is_put_is_to_be_put_back() -> None:
    (step,) = remaining_steps(
        reports.report(replace(reports.well(WEST), alarms={"eu-west-2": "ALARM"}))
    )
    assert "iot-dr switch back eu-west-1 --env dev --reason TEXT" in step


def test_a_topic_without_a_confirmed_subscription_is_to_be_subscribed_to() -> None:
    seen = reports.report()
    first, second, third = seen.subscriptions
    counts = {
        first: Subscriptions(confirmed=0, pending=0),
        second: Subscriptions(confirmed=0, pending=2),
        third: Subscriptions(confirmed=1, pending=1),
    }
    nobody, pending = remaining_steps(replace(seen, subscriptions=counts))
    assert nobody == (
        "eu-west-1: nobody is subscribed to the alarms of example-dev-alarms: aws sns subscribe"
        " --region eu-west-1 --topic-arn arn:aws:sns:eu-west-1:111111111111:example-dev-alarms"
        " --protocol email --notification-endpoint ADDRESS"
    )
    assert pending == (
        "eu-central-1: confirm a subscription of example-dev-alarms: AWS sent an e-mail"
    )
