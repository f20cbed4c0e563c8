"""From an environment's settings to what judges a design without them."""

from environments.regions import IOT_REGIONS
from environments.settings import Settings
from iot_dr.design.expectation import AcceptedRule, CopiedStates, DesignExpectation
from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.forecast.recovery_point import RecoveryPoint
from iot_dr.route53.failover_config import FailoverConfig
from stacks.platform_graph import platform_graph, regional_stacks
from stacks.rollout import wave_numbers
from stacks.stack_context import stack_context
from stacks.state_location import copied_stacks, state_location


def design_expectation(settings: Settings) -> DesignExpectation:
    """Return what a design of an environment is compared with.

    Raises SettingsError if an own stack cannot be imported, or its dependencies are impossible.
    """
    graph = platform_graph(settings)
    numbers = wave_numbers(graph)
    return DesignExpectation(
        context=stack_context(settings, settings.primary_region),
        account_id=settings.account_id,
        zone_name=settings.zone_name,
        endpoint_domain=settings.endpoint_domain,
        device_name=settings.device_name,
        regional_names={each: settings.regional_name(each) for each in settings.regions},
        leaving_regions=settings.leaving_regions,
        alarm_regions={each: settings.alarm_regions(each) for each in settings.regions},
        certificate_region=settings.certificate_region,
        adopted_region=settings.existing.region if settings.existing else None,
        tls_policy=settings.endpoint.tls_policy,
        failover=failover_config(settings),
        recovery=recovery_inputs(settings),
        rto=settings.recovery.rto,
        accepted_rules=tuple(
            AcceptedRule(rule=each.rule, reason=each.reason) for each in settings.suppressions
        ),
        recovery_days=settings.data.point_in_time_days if settings.data else None,
        states=CopiedStates(
            account=settings.account_id,
            home=settings.home_region,
            buckets={each: settings.state_bucket(each) for each in settings.regions},
            keys=tuple(state_location(settings, each).key for each in copied_stacks(settings)),
        ),
        waves={node.name: numbers[node.name] for node in graph.nodes},
        regional_stacks={each: regional_stacks(settings, each) for each in IOT_REGIONS},
        uses_account_trail=settings.data is not None and not settings.data.create_trail,
    )


def failover_config(settings: Settings) -> FailoverConfig:
    """Return the failover configuration of an environment."""
    return FailoverConfig(
        order=settings.failover_order,
        mode=settings.health.mode,
        fail_back=settings.recovery.fail_back,
    )


def recovery_inputs(settings: Settings, fleet: int | None = None) -> RecoveryInputs:
    """Return the inputs from an environment's settings; `fleet` overrides the number of devices."""
    health, recovery = settings.health, settings.recovery
    return RecoveryInputs(
        mode=health.mode,
        interval=health.interval,
        threshold=health.threshold,
        ttl=settings.endpoint.ttl,
        fleet=recovery.fleet if fleet is None else fleet,
        connect_rate=recovery.connect_rate,
        backoff_ceiling=recovery.backoff_ceiling,
    )


def recovery_point(settings: Settings) -> RecoveryPoint | None:
    """Return the recovery point of an environment, None if no data is replicated."""
    data = settings.data
    if data is None:
        return None
    return RecoveryPoint.of(
        reconcile_hours=data.reconcile_hours,
        stream_hours=data.stream_hours,
        point_in_time_days=data.point_in_time_days,
    )
