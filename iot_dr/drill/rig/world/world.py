"""The rehearsed model of an environment: names, records, checks, switches and regions."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from environments.blocks import Recovery
from iot_dr.design.api_reply import HttpApi
from iot_dr.design.metric_alarms import MetricAlarm
from iot_dr.design.policy import Grants
from iot_dr.route53.check import HealthCheck
from iot_dr.route53.evaluation import Evaluation
from iot_dr.route53.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Lambda:
    """A Lambda function: region, handler, environment variables and the policies of its role.

    `timeout` is in seconds; `period` is how often a schedule invokes it, in seconds, None if never.
    `concurrency` is the reserved one, None without. `problem` is why every
    invocation fails, empty if it may succeed.
    """

    region: str
    handler: str
    variables: Mapping[str, str]
    timeout: int
    grants: Grants
    concurrency: int | None = None
    period: int | None = None
    problem: str = ""
    id: str = ""

    @property
    def is_invoked(self) -> bool:
        """Whether a schedule invokes it, and Lambda lets it run."""
        return bool(self.period) and self.concurrency != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionSite:
    """One region: its regional name, the names of its domain configurations, its canary.

    `knows_devices`: devices that were registered in another region can connect here. `canary` is
    None without a deep health check, and `api` without an HTTP API. `certificates` are the names in
    the certificate that devices are presented, by the server name of a domain configuration;
    `policies` are the devices' IoT policies, as JSON.
    """

    region: str
    regional_name: str
    served_names: frozenset[str]
    knows_devices: bool
    canary: Lambda | None
    api: HttpApi | None = None
    certificates: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    policies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Model of an environment for rehearsals, read from its Terraform.

    `sites` are in failover order, the primary first. `unrehearsed` are sentences about parts of the
    Terraform that are not rehearsed, `not_understood` about those that make a rehearsal invalid.
    `watchers` are in the order of their regions: the first is that of the primary.
    """

    environment: str
    device_name: str
    zone_name: str
    sites: tuple[RegionSite, ...]
    records: tuple[Record, ...]
    checks: Mapping[str, HealthCheck]
    alarms: Mapping[str, MetricAlarm]
    watchers: tuple[Lambda, ...]
    recovery: Recovery
    unrehearsed: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()

    @property
    def is_watched(self) -> bool:
        """Whether the primary has a watcher that runs."""
        return bool(self.watchers) and self.watchers[0].is_invoked

    @property
    def primary(self) -> RegionSite:
        """The region that serves while it is healthy."""
        return self.sites[0]

    def site(self, region: str) -> RegionSite:
        """Return a region's site; raises KeyError for another region."""
        return {site.region: site for site in self.sites}[region]

    def switches(self, region: str) -> tuple[MetricAlarm, ...]:
        """Return the alarms of a region's switch, one in each alarm region."""
        alarms = self.alarms.values()
        return tuple(alarm for alarm in alarms if alarm.dimensions.get("Region") == region)

    @property
    def evaluation(self) -> Evaluation:
        """The evaluation of its records and checks."""
        return Evaluation(self.records, self.checks.values())

    @property
    def ttl(self) -> int:
        """TTL of the device name in seconds."""
        ttls = [each.ttl or 0 for each in self.records if each.name == self.device_name]
        return max(ttls, default=0)
