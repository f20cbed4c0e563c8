"""What must hold before the device name gets its failover records, or loses them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeAlias, cast

from dns.exception import DNSException

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.aws.gathering import gather
from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.checks import delegation
from iot_dr.observe.status.endpoint import EndpointProbe
from iot_dr.observe.status.network import Network
from iot_dr.observe.switch.alarms import alarm_states, by_region, switch_state
from iot_dr.observe.switch.health import HealthObservation, region_health
from iot_dr.observe.switch.record_sets import RecordSet, targets
from iot_dr.route53.check import AlarmState
from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.resource_set import ResourceSet

_CLIENT: Final = CallLimits(connect=1, read=3, attempts=2)
_TIME_LIMIT: Final = 15.0


Prober: TypeAlias = Callable[[str, str], None]
"""Connects where one name leads, as a device does to another; raises UserError if it fails."""


@dataclass(frozen=True, kw_only=True)
class AdoptionSituation:
    """Regions and their endpoint as they are now; values are errors where they are unknown.

    `served` says for each region whether it serves the device name, `target_served` whether the
    old record's `target` does, if it was given. `delegation` says why public DNS does not lead to
    the zone; it is empty if it does.
    """

    settings: Settings
    health: Mapping[str, HealthObservation]
    switches: Mapping[str, AlarmState | UserError]
    served: Mapping[str, UserError | None]
    endpoint: str | UserError
    delegation: Sequence[str] | UserError
    target: str = ""
    target_served: UserError | None = None

    @classmethod
    def observe(
        cls, settings: Settings, prober: Prober | None = None, target: str = ""
    ) -> "AdoptionSituation":
        """Read everything at once, within 15 s; raises CallTimeoutError if health is unknown then.

        Without a prober, names are looked up and regions probed in `Network.current()`.
        """
        network = Network.current()
        prober = prober or _device(settings, network)
        clients = Clients(settings.deploy_role_arn, _CLIENT)
        existing = settings.existing
        region = existing.region if existing else settings.primary_region
        calls: dict[str, Any] = {
            "health": partial(region_health, settings, clients, _regional(prober)),
            "switches": partial(_switches, settings, clients),
            "served": partial(_served, settings, prober),
            "endpoint": partial(_endpoint, clients, region),
            "delegation": partial(_delegation, settings, clients, network),
        }
        if target:
            calls["target_served"] = partial(prober, dns_name(target), settings.device_name)
        seen = cast("dict[str, Any]", gather(calls, _TIME_LIMIT))
        for part in ("health", "switches", "served"):
            if isinstance(seen[part], UserError):
                raise seen[part]
        return cls(settings=settings, target=target, **seen)

    def against_cut_over(self, old: RecordSet) -> Iterator[str]:
        """Yield each reason against the cut-over."""
        yield from self._about_target(old)
        if isinstance(self.delegation, UserError):
            yield f"it is not known whether devices see the zone's records: {self.delegation}"
        else:
            yield from self.delegation
        ttl, limit = int(old["TTL"]), self.settings.endpoint.ttl
        if ttl > limit:
            yield (
                f"the old record has a TTL of {ttl} s: for so long after a failover, or after"
                f" `iot-dr adopt back`, devices may use an old answer; lower it to {limit} s with"
                " `iot-dr adopt lower-ttl`"
            )
        for region, result in self.served.items():
            if result is not None:
                yield (
                    f"{region} does not serve {self.settings.device_name}: {result}. Devices that"
                    " are led there are refused"
                )
        for region in self.settings.regions:
            yield from self._about(region)

    def against_return(self) -> Iterator[str]:
        """Yield each reason against the old record, which leads to one region alone."""
        existing = self.settings.existing
        if existing:
            yield from self._about(existing.region)
        if self.target_served is not None:
            yield (
                f"{plain(self.target)} does not serve {self.settings.device_name}:"
                f" {self.target_served}. Devices that are led there are refused"
            )

    def _about(self, region: str) -> Iterator[str]:
        health = self.health[region]
        if not health.is_healthy:
            yield f"{region} is {health.word}, and devices may be led there"
        state = self.switches[region]
        if isinstance(state, UserError):
            yield f"it is not known whether {region} is switched away: {state}"
        elif state == "ALARM":
            yield f"{region} is switched away; switch it back first"

    def _about_target(self, old: RecordSet) -> Iterator[str]:
        (target, *_) = targets(old)
        region = self.settings.primary_region
        own = self.settings.regional_name(region)
        if isinstance(self.endpoint, UserError):
            yield f"it is not known whether {plain(target)} is the region's: {self.endpoint}"
        elif dns_name(target) not in {dns_name(self.endpoint), own}:
            yield (
                f"the old record leads to {plain(target)}, which is not the endpoint of {region}"
                f" ({plain(self.endpoint)}): devices would be moved by the cut-over"
            )


def seconds_until(moment: datetime, now: datetime | None = None) -> float:
    """Return the seconds until a moment, 0 once it is over."""
    return max((moment - (now or datetime.now(UTC))).total_seconds(), 0.0)


def _device(settings: Settings, network: Network) -> Prober:
    probe = EndpointProbe(network=network, tls_policy=settings.endpoint.tls_policy)

    def connect(address: str, name: str) -> None:
        try:
            problem = probe(name, at=address).problem
        except (DNSException, OSError) as error:
            problem = f"{address}: {error}"
        if problem:
            raise UserError(plain(problem))

    return connect


def _regional(prober: Prober) -> Callable[[str], None]:
    def regional(name: str) -> None:
        prober(name, name)

    return regional


def _served(settings: Settings, prober: Prober) -> dict[str, UserError | None]:
    calls = {
        region: partial(prober, settings.regional_name(region), settings.device_name)
        for region in settings.regions
    }
    return gather(calls, _TIME_LIMIT - 1)


def _switches(settings: Settings, clients: Clients) -> dict[str, AlarmState | UserError]:
    seen = gather(alarm_states(settings, clients), _TIME_LIMIT - 1)
    return {region: switch_state(states) for region, states in by_region(seen).items()}


def _delegation(settings: Settings, clients: Clients, network: Network) -> list[str]:
    """Return what `iot-dr doctor` finds wrong about the zone's delegation."""
    account = Account(
        settings=settings, network=network, clients=clients, resources=ResourceSet(())
    )
    findings = delegation.examine(account)
    return [f"{each.message}: {each.remedy}" for each in findings if each.status != "ok"]


def _endpoint(clients: Clients, region: str) -> str:
    # docs.aws.amazon.com/iot/latest/apireference/API_DescribeEndpoint.html
    answer = clients.call("iot", region, "describe_endpoint", endpointType="iot:Data-ATS")
    return str(answer["endpointAddress"])
