"""What is rehearsed of an environment: its names, records, checks, switches and regions."""

from collections.abc import Mapping
from dataclasses import dataclass

from environments.blocks import Recovery
from iot_dr.route53.check import HealthCheck
from iot_dr.route53.evaluation import Evaluation
from iot_dr.route53.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """The alarm of a switch: the metric that it follows, and the region in which both stand.

    It alarms once a datum of `period` seconds is at least `threshold`, and keeps its state while
    there are none.
    """

    id: str
    region: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    threshold: float
    period: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lambda:
    """A function: where it stands, its handler, and the environment variables that it is given.

    `timeout` is the seconds that a call may take.
    """

    region: str
    handler: str
    variables: Mapping[str, str]
    timeout: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One region: its regional name, the names that its domain configurations serve, its canary.

    `knows_devices` tells whether devices that were made in another region are registered here.
    `canary` is None where nothing deep asks.
    """

    region: str
    regional_name: str
    served_names: frozenset[str]
    knows_devices: bool
    canary: Lambda | None


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All that a rehearsal knows of an environment; nothing of it is configured twice.

    `sites` are in failover order, the primary first. `unrehearsed` names what the Terraform has and
    the drill leaves out, a sentence each.
    """

    environment: str
    device_name: str
    zone_name: str
    sites: tuple[Site, ...]
    records: tuple[Record, ...]
    checks: Mapping[str, HealthCheck]
    alarms: Mapping[str, Alarm]
    watcher: Lambda | None
    recovery: Recovery
    unrehearsed: tuple[str, ...] = ()

    @property
    def primary(self) -> Site:
        """The region that serves while it is healthy."""
        return self.sites[0]

    def site(self, region: str) -> Site:
        """Return a region's site; raises KeyError for a region that is none of them."""
        return {site.region: site for site in self.sites}[region]

    @property
    def evaluation(self) -> Evaluation:
        """The evaluation of its records and checks."""
        return Evaluation(self.records, self.checks.values())

    @property
    def ttl(self) -> int:
        """The seconds for which a resolver keeps the answer for the device name."""
        ttls = [each.ttl or 0 for each in self.records if each.name == self.device_name]
        return max(ttls, default=0)
