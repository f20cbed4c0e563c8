"""A made-up account for the checks: answers by method, and states in S3."""

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from environments.settings import Settings
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import AwsCall, as_aws_error
from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.finding import AccountFinding
from iot_dr.observe.status.network import Network
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.support.settings import settings
from tests.support.state_files import state_file, state_resource
from tests.support.synthesis import Synthesis

ACCOUNT = "111111111111"
WEST, CENTRAL = "eu-west-1", "eu-central-1"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SINCE = "2026-01-01T00:00:00+00:00"
DATE = "Fri, 02 Jan 2026 03:04:05 GMT"
Answer = dict[str, Any] | ClientError | Callable[..., dict[str, Any]]
Answers = dict[str | tuple[str, str], Answer]


def refusal(code: str, message: str = "", status: int = 400) -> ClientError:
    """Return AWS's error with a code."""
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "Operation")


DENIED = refusal("AccessDenied", "not authorized", 403)


@dataclass
class _States:
    """S3 with states: resource addresses by key; a bucket without an entry does not exist."""

    by_bucket: dict[str, dict[str, bytes]]

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        if Bucket not in self.by_bucket:
            raise refusal("NoSuchBucket", status=404)
        if Key not in self.by_bucket[Bucket]:
            raise refusal("NoSuchKey", status=404)
        return {
            "Body": io.BytesIO(self.by_bucket[Bucket][Key]),
            "LastModified": NOW,
            "ETag": '"1"',
            "ResponseMetadata": {"HTTPHeaders": {"date": DATE}},
        }


@dataclass
class World(Clients):
    """An account that answers by method, or by method and region; anything else is denied.

    `now` is this machine's clock, `called` the IAM actions of all calls.
    """

    answers: Answers
    settings: Settings = field(default_factory=settings)
    now: datetime = NOW
    called: set[str] = field(default_factory=set[str])
    buckets: dict[str, dict[str, bytes]] = field(default_factory=dict[str, dict[str, bytes]])

    def call(self, service: str, region: str, method: str, **arguments: object) -> dict[str, Any]:
        asked = AwsCall.of(service, region, method)
        self.called.add(asked.iam_action)
        answer = self.answers.get((method, region), self.answers.get(method, DENIED))
        try:
            if isinstance(answer, ClientError):
                raise answer
            return answer(**arguments) if callable(answer) else answer
        except ClientError as error:
            raise as_aws_error(asked, error) from error

    def client(self, service: str, region: str, endpoint: str | None = None) -> Any:
        assert (service, endpoint) == ("s3", None), region
        return _States(self.buckets)

    def state(self, stack: str, *addresses: str, region: str | None = None) -> None:
        """Put a state with these resources into a region's bucket."""
        own = self.settings
        listed = map(state_resource, addresses)
        bucket = self.buckets.setdefault(own.state_bucket(region or own.home_region), {})
        bucket[f"{own.environment}/{stack}.tfstate"] = state_file(*listed)

    def record(self, *regions: str) -> None:
        """Put the record of abandoned regions next to home's states."""
        own = self.settings
        entries = [
            {"region": name, "since": SINCE, "who": "me", "serial": 1, "resources": {}}
            for name in regions
        ]
        bucket = self.buckets.setdefault(own.state_bucket(own.home_region), {})
        bucket[f"{own.environment}/abandoned.json"] = json.dumps({"regions": entries}).encode()

    def account(
        self, synthesis: Synthesis | None = None, network: Network | None = None
    ) -> Account:
        """Return the account for checks; without `synthesis` it has no resources."""
        stacks = synthesis(self.settings) if synthesis else {}
        return Account(
            settings=self.settings,
            network=network or Network(resolvers=()),
            clients=self,
            resources=ResourceSet(
                read_configuration(name, stack.document) for name, stack in stacks.items()
            ),
            now=lambda: self.now,
        )


def statuses(findings: Iterable[AccountFinding]) -> list[tuple[str, str]]:
    """Return the regions and statuses of findings."""
    return [(each.region, each.status) for each in findings]


def only(findings: Iterable[AccountFinding]) -> AccountFinding:
    """Return the one finding."""
    (finding,) = findings
    return finding
