"""The first deploy with PROVIDER=aws, up to the wait for the parent zone and beyond.

AWS is replaced by the stand-in provider, through Terraform's own configuration of mirrors, and by
the sandbox's S3, through the endpoint in AWS's own configuration file: the code treats both as the
real ones. A name server on loopback replaces public DNS.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from environments.project import ROOT_VARIABLE
from environments.settings import Settings
from iot_dr.cli.deploy import BlockedReviewError, refuse_blocked
from iot_dr.cli.deploy_report import DeployReport
from iot_dr.cli.outcomes import StackProgress
from iot_dr.common.user_error import UserError
from iot_dr.common.waiting import PollLimits
from iot_dr.delivery.deploy.delegation import DelegationError
from iot_dr.delivery.deploy.deployment import CdktfResult, Deployment
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.parent_lookup import ParentLookup
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform.sandbox.sandbox import Sandbox
from iot_dr.terraform.sandbox.states import states_in
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.mirror import standin_environment
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph
from tests.iot_dr.delivery.deploy.name_server import HOST, NameServer, name_server
from tests.support.executable import executable
from tests.support.project import Project

ZONE = "iot-dev.example.com"
FAILING = """\
#!/bin/sh
test "$1" = version && echo '{"terraform_version": "1.12.0"}' && exit
echo 'no zone today' >&2
exit 1
"""


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    project = Project.copy(tmp_path / "project")
    settings = project.settings
    # A process of its own synthesizes it.
    monkeypatch.setenv("PYTHONPATH", str(project.folder))
    monkeypatch.setenv(ROOT_VARIABLE, str(project.folder))
    # Read before the cache's folder moves, so that it is not created again.
    variables = standin_environment(SchemaCache.default())
    with Sandbox(tmp_path / "s3", settings.account_id) as sandbox:
        sandbox.create_buckets({each: settings.state_bucket(each) for each in settings.regions})
        config = tmp_path / "config"
        config.write_text(f"[default]\nendpoint_url = {sandbox.endpoint}\n")
        variables |= {**sandbox.environment, "AWS_CONFIG_FILE": str(config)}
        for name, value in variables.items():
            # boto3 treats an empty variable as a value.
            monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv("AWS_ENDPOINT_URL")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)
        monkeypatch.chdir(tmp_path)
        yield settings


class FirstDeploy:
    """A deploy, the parent zone's server, and the existing resources at each wait of the deploy."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        parent: NameServer,
        limit: float,
        *,
        require: Callable[[Path], None] = lambda _: None,
    ) -> None:
        self.shown: list[str] = []
        self.stood: list[dict[str, int | None]] = []
        self._folder = folder
        self._parent = parent
        self._now = 0.0
        self._log = RunLog(Path("deploy.log"))
        self.deployment = Deployment(
            settings=settings,
            provider=Provider.AWS,
            network=Network(resolvers=()),
            lookup=ParentLookup(network=parent.network),
            patience=PollLimits(limit=limit, clock=lambda: self._now, pause=self._pause),
            show=self.shown.append,
            log=self._log,
            progress=StackProgress(()),
            require=require,
        )

    def deploy(self) -> CdktfResult:
        """Deploy, and close the log."""
        with self._log.announced(self.shown.append):
            return self.deployment.deploy()

    @property
    def resources(self) -> dict[str, int | None]:
        return {Path(state.key).stem: state.resources for state in states_in(self._folder)}

    def _pause(self, seconds: float) -> None:
        self._now += seconds
        self.stood.append(self.resources)
        instruction = next(text for text in self.shown if "Set these name servers" in text)
        servers = [line.strip(" .") for line in instruction.splitlines() if line.startswith("    ")]
        # The first check finds nothing, the next one what the operator has set in between.
        if len(self.stood) == 2:
            self._parent.zones[ZONE] = servers


@pytest.fixture
def parent(aws: Settings, tmp_path: Path) -> Iterator[NameServer]:
    """The parent zone's server after a first deploy for which nobody set anything in time."""
    with name_server({"example.com": [HOST]}) as parent:
        none = FirstDeploy(aws, tmp_path / "s3", parent, limit=0)
        with pytest.raises(DelegationError, match="run the same command again"):
            none.deploy()
        assert none.shown[-1] == "The full log: deploy.log"
        assert none.resources == {"iot-dev-hosted-zone": 1}
        assert parent.asked[-1] == ZONE
        yield parent


def test_what_the_account_must_have_is_required_with_the_stacks_before_anything_is_created(
    aws: Settings, tmp_path: Path
) -> None:
    def refuse(stacks: Path) -> None:
        assert (stacks / "stacks" / "iot-dev-state" / "cdk.tf.json").is_file()
        raise UserError("the account lacks something")

    with name_server({"example.com": [HOST]}) as parent:
        first = FirstDeploy(aws, tmp_path / "s3", parent, limit=0, require=refuse)
        with pytest.raises(UserError, match="the account lacks something"):
            first.deploy()
    assert first.resources == {}
    assert parent.asked == []


def test_the_first_deploy_creates_only_the_zone_and_one_whose_review_blocks_changes_nothing(
    aws: Settings, tmp_path: Path, parent: NameServer
) -> None:
    project = Project(tmp_path / "project")
    project.edit("environments/dev.yaml", f"domain: {aws.domain}", "domain: example.org")
    shown: list[str] = []
    review = partial(refuse_blocked, project.settings, shown.append)
    other = FirstDeploy(project.settings, tmp_path / "s3", parent, limit=0, require=review)
    with pytest.raises(BlockedReviewError, match="dev: nothing is deployed, since the review"):
        other.deploy()
    assert shown == ["Review: block: iot-dev-hosted-zone has no plan: Instance cannot be destroyed"]
    assert other.resources == {"iot-dev-hosted-zone": 1}


def test_a_zone_that_cannot_be_created_is_an_error_of_its_stack_and_blocks_the_others(
    aws: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = executable(tmp_path / "terraform", FAILING)
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", str(program))
    with name_server({"example.com": [HOST]}) as parent:
        first = FirstDeploy(aws, tmp_path / "s3", parent, limit=0)
        ended = first.deploy()
    report = DeployReport(deployment=first.deployment, ended=ended, done="deployed", seconds=1)
    assert not report.is_whole
    rows = {row["name"]: row for row in report.document()["stacks"]}
    zone = rows.pop("iot-dev-hosted-zone")
    assert (zone["status"], "no zone today" in zone["error"]) == ("failed", True)
    assert {row["status"] for row in rows.values()} == {"waiting"}
    assert any("no zone today" in detail for detail in report.details())
    assert "no zone today" in Path("deploy.log").read_text(encoding="utf-8")


@pytest.mark.exhaustive
def test_the_same_command_waits_with_only_the_zone_and_then_continues(
    aws: Settings, tmp_path: Path, parent: NameServer
) -> None:
    shown: list[str] = []
    review = partial(refuse_blocked, aws, shown.append)
    first = FirstDeploy(aws, tmp_path / "s3", parent, limit=60, require=review)
    assert first.deploy().status == 0
    assert shown[0].startswith("Review: warn: ")
    assert first.stood == [{"iot-dev-hosted-zone": 1}] * 2
    assert first.resources.keys() == {node.name for node in platform_graph(aws).nodes}
    assert parent.asked[-1] == ZONE
