"""Reports of what a look may see, well but for what a test changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from iot_dr.forecast.quotas import QUOTAS
from iot_dr.observe.state.states_overview import StatesOverview
from iot_dr.observe.status.endpoint import CertificateSummary, Handshake
from iot_dr.observe.status.metrics import WINDOW, Devices
from iot_dr.observe.status.name_answers import NameAnswer, NameServerAnswer
from iot_dr.observe.status.report import Observations, RegionReport
from iot_dr.observe.status.subscriptions import Subscriptions, alarm_topics
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.check_reports import CheckReports
from tests.iot_dr.observe.status.world import CENTRAL, SETTINGS, WEST

NOW: Final = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HEALTHY: Final = CheckReports(checkers=16, succeeding=16)
FAILING: Final = CheckReports(checkers=16, succeeding=2, failure="Failure: timed out")
NONE: Final = (0.0,) * WINDOW
QUIET: Final = Devices(connects=NONE, refused=NONE, failed=NONE, throttled=NONE, messages=NONE)
BLIND: Final = UnknownValue("no way out")


def served(days_left: float = 90) -> Handshake:
    return Handshake(
        address="192.0.2.1",
        seconds=0.0421,
        protocol="TLSv1.3",
        certificate=CertificateSummary(
            subject=f"*.{SETTINGS.zone_name}",
            names=(f"*.{SETTINGS.zone_name}",),
            ends=NOW + timedelta(days=days_left),
            days_left=days_left,
            fingerprint="ab" * 32,
        ),
    )


def well(region: str) -> RegionReport:
    return RegionReport(
        region=region,
        checks=dict.fromkeys(("deep", "tcp", "switch"), HEALTHY),
        endpoint=served(),
        alarms={"eu-west-2": "OK"},
        audit=None,
        quotas=dict.fromkeys(QUOTAS, 500.0),
        devices=QUIET,
    )


def blind(region: str) -> RegionReport:
    return RegionReport(
        region=region,
        checks=dict.fromkeys(("deep", "tcp", "switch"), BLIND),
        endpoint=BLIND,
        alarms={"eu-west-2": BLIND},
        audit=BLIND,
        quotas=dict.fromkeys(QUOTAS, BLIND),
        devices=BLIND,
    )


def answered(region: str | None, server: str = "192.0.2.53", ttl: int = 60) -> NameServerAnswer:
    """Return a resolver that leads to a region, or to a name that is none of ours."""
    target = SETTINGS.regional_name(region) if region else "other.example.org"
    answer = NameAnswer(target=target, region=region, ttl=ttl)
    return NameServerAnswer(server=server, kind="resolver", answer=answer)


def report(west: RegionReport | None = None, *names: NameServerAnswer) -> Observations:
    return Observations(
        settings=SETTINGS,
        taken=NOW,
        regions=(west or well(WEST), well(CENTRAL)),
        names=names or (answered(WEST),),
        states=StatesOverview(states=(), fences=()),
        subscriptions=dict.fromkeys(alarm_topics(SETTINGS), Subscriptions(confirmed=1, pending=0)),
    )


def blind_report() -> Observations:
    """Return what is seen without credentials and without a network."""
    unseen = replace(answered(WEST), answer=BLIND)
    return replace(
        report(None, unseen),
        regions=(blind(WEST), blind(CENTRAL)),
        states=BLIND,
        subscriptions=dict.fromkeys(alarm_topics(SETTINGS), BLIND),
    )
