"""Observes an environment."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from environments.rules import FEWEST_REGIONS
from environments.settings import Settings
from iot_dr.forecast.quotas import QUOTAS
from iot_dr.generate.expectation import failover_config
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.state.states_overview import StatesOverview, read_states
from iot_dr.observe.status.check_ids import CheckIds, CheckIdsError, check_ids_in_state
from iot_dr.observe.status.endpoint import EndpointProbe, Handshake
from iot_dr.observe.status.metrics import CheckHistory, Devices, read_devices, read_histories
from iot_dr.observe.status.name_answers import DeviceNameQuery, NameServerAnswer
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.queries import BackgroundTask, query_all
from iot_dr.observe.status.quota import QuotaReader
from iot_dr.observe.status.registry_ages import registry_ages
from iot_dr.observe.status.report import SECOND_SWITCH, Observations, RegionReport
from iot_dr.observe.status.store import StoreWithClients
from iot_dr.observe.status.subscriptions import (
    AlarmTopicName,
    Subscriptions,
    alarm_topics,
    subscriptions,
)
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.alarm_copies import AlarmCopy, alarm_copies
from iot_dr.observe.switch.alarms import NoAlarmError, alarm_states, by_region, firing_alarms
from iot_dr.observe.switch.audit import AuditEntry, AuditTrail
from iot_dr.observe.switch.check_reports import CheckReportReader, CheckReports
from iot_dr.observe.switch.checks import find_check_ids
from iot_dr.observe.switch.registers import Register, Registers
from iot_dr.observe.switch.rotation import Rotation, RotationLog
from iot_dr.route53.check import AlarmState
from iot_dr.route53.failover_config import CheckKey
from modules.global_region import GLOBAL_REGION

# Requests per second that Route 53 accepts from an account:
# docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
_AT_ONCE: Final = 5

Checks = Mapping[CheckKey, CheckReports | UnknownValue]
Quotas = Mapping[tuple[str, str], float | UnknownValue]
Histories = Mapping[CheckKey, CheckHistory]


@dataclass(frozen=True, kw_only=True)
class Observer:
    """Queries AWS, name servers and regions concurrently, each with a time limit."""

    settings: Settings
    network: Network
    clients: Clients

    @classmethod
    def of(cls, settings: Settings, network: Network) -> "Observer":
        """Return an observer with this process's credentials, if it has any."""
        clients = Clients(settings.deploy_role_arn, network.limits.aws)
        return cls(settings=settings, network=network, clients=clients)

    def observe(self) -> Observations:
        """Return the current observations; one that fails or is late is an UnknownValue."""
        names, endpoints = BackgroundTask(self._names), BackgroundTask(self._endpoints)
        ids, devices = BackgroundTask(self._ids), BackgroundTask(self._devices)
        histories = BackgroundTask(partial(self._histories, ids))
        checks, switches, audits = (
            BackgroundTask(partial(self._checks, ids)),
            BackgroundTask(self._switches),
            BackgroundTask(self._audits),
        )
        registers = BackgroundTask(self._registers)
        rotations, copies = BackgroundTask(self._rotations), BackgroundTask(self._copies)
        states, quotas = BackgroundTask(self._states), BackgroundTask(self._quotas)
        subscribed, firing = BackgroundTask(self._subscriptions), BackgroundTask(self._firing)
        limit = self.network.limits.total
        ages = BackgroundTask(partial(registry_ages, self.settings, self.clients, limit))
        looked = _Looked(
            endpoints=endpoints.result(),
            checks=checks.result(),
            switches=switches.result(),
            audits=audits.result(),
            quotas=quotas.result(),
            rotations=rotations.result(),
            devices=devices.result(),
            histories=histories.result(),
            registers=registers.result(),
        )
        return Observations(
            settings=self.settings,
            taken=datetime.now(UTC),
            regions=tuple(looked.region(each) for each in self.settings.failover_order),
            names=names.result(),
            states=states.result(),
            subscriptions=subscribed.result(),
            copies=copies.result(),
            firing=firing.result(),
            registry_ages=ages.result(),
        )

    def _names(self) -> tuple[NameServerAnswer, ...]:
        search = DeviceNameQuery(settings=self.settings, network=self.network)
        works = {"authoritative": search.authoritative, "resolver": search.resolvers}
        answers = query_all(works, self.network.limits.total)
        own, others = answers["authoritative"], answers["resolver"]
        if isinstance(own, UnknownValue):
            zone = self.settings.zone_name
            own = (NameServerAnswer(server=zone, kind="authoritative", answer=own),)
        return (*own, *(() if isinstance(others, UnknownValue) else others))

    def _endpoints(self) -> dict[str, Handshake | UnknownValue]:
        probe = EndpointProbe(network=self.network, tls_policy=self.settings.endpoint.tls_policy)
        names = {each: self.settings.regional_name(each) for each in self.settings.regions}
        works = {region: partial(probe.at_all, name) for region, name in names.items()}
        return query_all(works, self.network.limits.total)

    def _ids(self) -> CheckIds | UnknownValue:
        """Return the ids from a state, or those that Route 53 lists, which has no switches'."""
        half = self.network.limits.total / 2
        try:
            return check_ids_in_state(self.settings, StoreWithClients(self.clients), half)
        except CheckIdsError as error:
            why = UnknownValue.because(error)
        listed = query_all({0: partial(find_check_ids, self.settings, self.clients)}, half)[0]
        return why if isinstance(listed, UnknownValue) or not listed else listed

    def _checks(self, reading: BackgroundTask[CheckIds | UnknownValue]) -> Checks:
        ids = reading.result()
        if isinstance(ids, UnknownValue):
            return dict.fromkeys(_in_order(self.settings), ids)
        read = CheckReportReader(self.clients)
        wanted = [each for each in _in_order(self.settings) if each[1] in ids.get(each[0], {})]
        works = {
            (region, kind): partial(_later, place // _AT_ONCE, partial(read, ids[region][kind]))
            for place, (region, kind) in enumerate(wanted)
        }
        return query_all(works, self.network.limits.total / 2)

    def _histories(
        self, reading: BackgroundTask[CheckIds | UnknownValue]
    ) -> Histories | UnknownValue:
        ids = reading.result()
        if isinstance(ids, UnknownValue):
            return ids
        keys = {
            kinds[kind]: (region, kind)
            for region, kinds in ids.items()
            for kind in ("deep", "tcp")
            if kind in kinds
        }
        work = partial(read_histories, self.clients, keys)
        seen = query_all({0: work}, self.network.limits.total / 2)[0]
        return seen if isinstance(seen, UnknownValue) else {keys[id_]: seen[id_] for id_ in keys}

    def _devices(self) -> dict[str, Devices | UnknownValue]:
        works = {each: partial(read_devices, self.clients, each) for each in self.settings.regions}
        return query_all(works, self.network.limits.total)

    def _firing(self) -> dict[str, tuple[str, ...] | UnknownValue]:
        works = {
            region: partial(firing_alarms, self.settings, self.clients, region)
            for region in dict.fromkeys((*self.settings.regions, GLOBAL_REGION))
        }
        return query_all(works, self.network.limits.total)

    def _switches(self) -> dict[str, dict[str, AlarmState | UnknownValue]]:
        works = {
            key: partial(_or_missing, read)
            for key, read in alarm_states(self.settings, self.clients).items()
        }
        return by_region(query_all(works, self.network.limits.total))

    def _copies(self) -> tuple[AlarmCopy, ...] | UnknownValue:
        half = self.network.limits.total / 2
        # After the requests for checks, which decide.
        after = len(_in_order(self.settings)) // _AT_ONCE
        work = partial(alarm_copies, self.settings, self.clients, half, after)
        return query_all({0: work}, self.network.limits.total)[0]

    def _audits(self) -> dict[str, AuditEntry | UnknownValue | None]:
        trail = AuditTrail(self.settings, self.clients)
        works = {region: partial(trail.last, region) for region in self.settings.regions}
        return query_all(works, self.network.limits.total)

    def _registers(self) -> dict[str, dict[str, Register] | UnknownValue]:
        read = Registers(self.settings, self.clients).read
        works = {region: partial(read, region) for region in self.settings.regions}
        return query_all(works, self.network.limits.total)

    def _rotations(self) -> dict[str, Rotation | UnknownValue | None]:
        log = RotationLog(self.settings, self.clients)

        def asking(region: str) -> Callable[[], Rotation | None]:
            return lambda: log.newest(region).under_way

        works = {region: asking(region) for region in self.settings.regions}
        return query_all(works, self.network.limits.total)

    def _quotas(self) -> Quotas:
        read = QuotaReader(self.clients)
        works = {
            (region, name): partial(read, region, code)
            for region in self.settings.regions
            for name, code in QUOTAS.items()
        }
        return query_all(works, self.network.limits.total)

    def _subscriptions(self) -> dict[AlarmTopicName, Subscriptions | UnknownValue]:
        account_id = self.settings.account_id
        works = {
            topic: partial(subscriptions, self.clients, topic, account_id)
            for topic in alarm_topics(self.settings)
        }
        return query_all(works, self.network.limits.total)

    def _states(self) -> StatesOverview | UnknownValue:
        work = partial(read_states, self.settings, StoreWithClients(self.clients))
        return query_all({0: work}, self.network.limits.total)[0]


class _NoAlarm(UnknownValue):
    """The state of an alarm that does not exist."""


def _or_missing(read: Callable[[], AlarmState]) -> AlarmState | UnknownValue:
    try:
        return read()
    except NoAlarmError as error:
        return _NoAlarm.because(error)


def _in_order(settings: Settings) -> list[CheckKey]:
    """Return the checks that records use, then the others with alarms that page somebody."""
    keys = failover_config(settings).check_keys
    has_seconds = len(settings.regions) > FEWEST_REGIONS
    seconds = [(region, SECOND_SWITCH) for region, kind in keys if kind == "switch" and has_seconds]
    own = ["deep", "tcp"] if settings.health.mode == "deep" else ["tcp"]
    others = [(region, kind) for region in settings.failover_order for kind in own]
    return list(dict.fromkeys([*keys, *seconds, *others]))


def _later(seconds: float, work: Callable[[], CheckReports]) -> CheckReports:
    time.sleep(seconds)
    return work()


@dataclass(frozen=True, kw_only=True)
class _Looked:
    endpoints: Mapping[str, Handshake | UnknownValue]
    checks: Checks
    switches: Mapping[str, Mapping[str, AlarmState | UnknownValue]]
    audits: Mapping[str, AuditEntry | UnknownValue | None]
    quotas: Quotas
    rotations: Mapping[str, Rotation | UnknownValue | None]
    devices: Mapping[str, Devices | UnknownValue]
    histories: Histories | UnknownValue
    registers: Mapping[str, Mapping[str, Register] | UnknownValue]

    def region(self, region: str) -> RegionReport:
        """Return the observations of one region."""
        return RegionReport(
            region=region,
            endpoint=self.endpoints[region],
            checks={what: each for (at, what), each in self.checks.items() if at == region},
            alarms=self._alarms(region),
            audit=self.audits[region],
            quotas={name: each for (at, name), each in self.quotas.items() if at == region},
            rotation=self.rotations[region],
            devices=self.devices[region],
            histories={}
            if isinstance(self.histories, UnknownValue)
            else {kind: each for (at, kind), each in self.histories.items() if at == region},
            registers=self._registers(region),
        )

    def _registers(self, region: str) -> Mapping[str, Register | UnknownValue]:
        registers = self.registers[region]
        return {} if isinstance(registers, UnknownValue) else registers

    def _alarms(self, region: str) -> dict[str, AlarmState | UnknownValue]:
        """Return the states of a switch's alarms, without a second one that is not deployed yet.

        Until the first deployment with a second alarm region, neither the alarm there nor its check
        exists (ADR 0039). A deployed check whose alarm is missing follows nothing.
        """
        first, *second = self.switches[region].items()
        is_deployed = isinstance(self.checks.get((region, SECOND_SWITCH)), CheckReports)
        existing = (each for each in second if is_deployed or not isinstance(each[1], _NoAlarm))
        return dict([first, *existing])
