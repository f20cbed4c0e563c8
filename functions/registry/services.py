"""The clients and settings of the registry's functions, from their environment variables."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import boto3
from botocore.config import Config

from functions.contract import REGISTRY_NAMESPACE, RegistryVariable
from functions.probe.metrics import Metrics
from functions.probe.variables import Variables
from functions.registry.access import Excluded, RegistryAccess, excluded
from functions.registry.access.client import Clients, clients
from functions.registry.apply import Apply
from functions.registry.brake import Brake
from functions.registry.capture import Capture
from functions.registry.queue import Queue
from functions.registry.stamp import HybridClock
from functions.registry.table import RegistryTable

# SQS and DynamoDB answer in milliseconds. Four attempts stay far below the timeout of any function.
# `total_max_attempts` is documented in docs.aws.amazon.com/boto3/latest/guide/retries.html
_CONFIG = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4}
)

_NO_BRAKE = 100  # percent


@dataclass(frozen=True, kw_only=True)
class Services:
    """The clients of one Lambda execution environment, and what is built on them."""

    region: str
    regions: frozenset[str]
    account_id: str
    excluded: Excluded
    table: RegistryTable
    sqs: Any
    retry: Queue
    dead_letters: Queue
    metrics: Metrics
    brake: Brake | None

    @property
    def is_in_environment(self) -> bool:
        """Whether this region is one of the environment's; if not, the functions do nothing.

        A region that leaves the environment may be emptied: its deletions must not reach the
        others.
        """
        return self.region in self.regions

    def access(self) -> RegistryAccess:
        """Return IoT Core's registry for one invocation.

        Raises RetryableError if AWS does not answer.
        """
        iot = self._clients
        return RegistryAccess(iot.iot, iot.iot_data, self.region, self.account_id, self.excluded)

    def capture(self) -> Capture:
        """Return a Capture for one invocation; raises as `access` does."""
        return Capture(access=self.access(), table=self.table, clock=HybridClock(self.region))

    def apply(self) -> Apply:
        """Return an Apply for one invocation; raises as `access` does."""
        return Apply(
            access=self.access(),
            table=self.table,
            clock=HybridClock(self.region),
            brake=self.brake,
        )

    @cached_property
    def _clients(self) -> Clients:
        return clients(self.region)


def services(variables: Variables) -> Services:
    """Read the variables and create the clients; raises VariablesError if any variable is wrong."""
    region = variables.text("AWS_REGION")
    account_id = variables.text(RegistryVariable.ACCOUNT)
    table = variables.text(RegistryVariable.TABLE)
    retry = variables.text(RegistryVariable.RETRY_QUEUE)
    dead_letters = variables.text(RegistryVariable.DEAD_LETTER_QUEUE)
    policies = variables.names(RegistryVariable.EXCLUDED_POLICIES)
    cas = variables.names(RegistryVariable.EXCLUDED_CA_CERTIFICATES)
    copy_reported = variables.flag(RegistryVariable.COPY_REPORTED, default=True)
    name = RegistryVariable.DELETION_PERCENT
    percent = variables.number(name, default=_NO_BRAKE)
    regions = frozenset(variables.text(RegistryVariable.REGIONS).split(","))
    metrics = Metrics(REGISTRY_NAMESPACE, variables.text(RegistryVariable.ENVIRONMENT))
    variables.raise_if_invalid()
    client = cast("Any", boto3).client
    sqs = client("sqs", region, config=_CONFIG)
    dynamodb = client("dynamodb", region, config=_CONFIG)
    return Services(
        region=region,
        regions=regions,
        account_id=account_id,
        excluded=excluded(policies, cas, reported=not copy_reported),
        table=RegistryTable(dynamodb, table, regions),
        sqs=sqs,
        retry=Queue(sqs, retry),
        dead_letters=Queue(sqs, dead_letters),
        metrics=metrics,
        brake=Brake(client=dynamodb, table=table, region=region, percent=percent)
        if percent < _NO_BRAKE
        else None,
    )
