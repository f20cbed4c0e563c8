"""What is printed of a deploy that fails."""

from pathlib import Path

import pytest

from iot_dr.cli.deploy_report import DeployReport
from iot_dr.cli.progress import Progress
from iot_dr.common.waiting import Patience
from iot_dr.delivery.deploy.deployment import Deployment, Ended
from iot_dr.delivery.deploy.dns_lookup import ParentLookup
from iot_dr.delivery.stack_plan import StackChanges
from iot_dr.observe.status.network import Network
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform.schedule import Failed, Outcome, Waiting
from iot_dr.terraform_json.provider_choice import Provider
from stacks.graph import StackNode
from tests.support.command import iot_dr_here
from tests.support.settings import settings

NODE = StackNode(name="iot-dev-zone", what="iot", region="eu-west-1", role=None, depends_on=())
FAILED: Outcome[StackChanges] = Failed(node=NODE, error=ValueError("refused"))
WAITING: Outcome[StackChanges] = Waiting(node=NODE, waits_for=("cdktf",))


def report(outcome: Outcome[StackChanges], status: int) -> DeployReport:
    deployment = Deployment(
        settings=settings(),
        provider=Provider.STANDIN,
        network=Network(resolvers=()),
        lookup=ParentLookup(resolvers=[]),
        patience=Patience(limit=0),
        tell=lambda _: None,
        log=RunLog(Path("never-opened.log")),
        progress=Progress(()),
    )
    ended = Ended(
        status=status,
        outcomes=(outcome,),
        warnings=(),
        last_lines="Error: cdktf is broken",
        stacks=Path(),
    )
    return DeployReport(deployment=deployment, ended=ended, done="deployed", seconds=1)


def test_the_words_of_a_cdktf_that_fails_by_itself_are_shown() -> None:
    told = list(report(WAITING, status=3).details())
    assert told[-1] == "cdktf ended with status 3:\nError: cdktf is broken"


def test_the_words_of_cdktf_are_not_shown_beside_an_error_of_terraform() -> None:
    told = list(report(FAILED, status=1).details())
    assert told == ["iot-dev-zone: refused"]


@pytest.mark.parametrize("command", ["deploy", "destroy"])
def test_with_json_standard_output_is_kept_for_the_document(tmp_path: Path, command: str) -> None:
    done = iot_dr_here(command, "--env", "dev", "--confirm", "prod", "--json", cwd=tmp_path)
    assert done.returncode == 2
    assert "STAND-IN" in done.stderr
    assert done.stdout == ""
