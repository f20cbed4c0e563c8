"""What functions share with the code that deploys, judges and rehearses them; it imports neither.

Each function's zip contains this file: a change of it updates the code of every function.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, get_args

Mode = Literal["deep", "shallow"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
FailBack = Literal["latched", "auto"]
Interval = Literal[10, 30]
INTERVALS: Final[tuple[Interval, ...]] = get_args(Interval)
"""Seconds between two requests of a health check."""
REGIONS: Final = range(2, 6)
"""How many regions an environment has."""
MOST_ALARM_REGIONS: Final = 2
"""The most regions that host a switch."""
MQTT_PORT: Final = 8883
"""MQTT over TLS: docs.aws.amazon.com/iot/latest/developerguide/protocols.html."""
HTTPS_PORT: Final = 443
CANARY_AGE: Final = 5.0
"""Seconds for which the canary answers with its last result, at most: see `canary_age`."""
FEWEST_FAILURES: Final = 2
"""Failed probes in a row before the watcher switches, even with a threshold of 1: one failure may
be a lost packet, and moving a fleet needs more certainty than that."""
PROBE_SECONDS: Final = 5.0
"""The limit of a watcher's probe. A handshake across the world alone takes a second."""
PROBE_GRACE: Final = 0.4
"""Seconds in which a probe that exceeded its limit may still end, before the next one."""
PUBLISH_SECONDS: Final = 10
"""A publisher puts a data point within this time after its reading, or not at all: its timeout."""
BACK_SECONDS: Final = 600
"""For so long after a change to `back` a publisher puts 0; `away` it repeats without an end."""

SwitchValue = Literal["away", "back", "unset"]
SWITCH_VALUES: Final[tuple[SwitchValue, ...]] = get_args(SwitchValue)
"""The values of a register; one that is `unset` is not published."""


class CanaryVariable(StrEnum):
    """Environment variables of `functions/canary`."""

    HOST = "CANARY_HOST"  # the regional name
    TOPIC = "CANARY_TOPIC"
    ENVIRONMENT = "CANARY_ENVIRONMENT"
    INTERVAL = "CANARY_INTERVAL"  # of the health check, one of INTERVALS


class WatcherVariable(StrEnum):
    """Environment variables of `functions/watcher`; lists have commas between their items."""

    MODE = "WATCHER_MODE"  # one of MODES
    REGIONS = "WATCHER_REGIONS"  # in the order of the settings
    PRIMARY = "WATCHER_PRIMARY"  # the watched region
    AWAY = "WATCHER_AWAY"  # what it switches away: the regions before the watched one, and that
    ALARM_REGIONS = "WATCHER_KEEPERS"  # the regions with the alarm of its switch
    DEVICE_NAME = "WATCHER_DEVICE_NAME"
    SWITCH = "WATCHER_SWITCH"  # the name of the alarm of the watched region's switch
    TTL = "WATCHER_TTL"  # seconds
    TOPIC = "WATCHER_TOPIC"
    ENVIRONMENT = "WATCHER_ENVIRONMENT"
    INTERVAL = "WATCHER_INTERVAL"  # of the health check, one of INTERVALS
    THRESHOLD = "WATCHER_THRESHOLD"
    PROJECT = "WATCHER_PROJECT"  # part of the registers' names; without it none is written


class WatchedRegionVariable(StrEnum):
    """Variables of each region of a watcher, without the number at their ends: its place, from 1.

    The place is that in WATCHER_REGIONS.
    """

    NAME = "WATCHER_NAME_"  # the regional name
    CHECK = "WATCHER_CHECK_"  # the id of its TCP health check


class PublisherVariable(StrEnum):
    """Environment variables of `functions/switch_publisher`."""

    PROJECT = "PUBLISHER_PROJECT"
    ENVIRONMENT = "PUBLISHER_ENVIRONMENT"
    REGIONS = "PUBLISHER_REGIONS"  # in the order of the settings, with commas


class RegistryVariable(StrEnum):
    """Environment variables of `functions/registry_*`; lists have commas, queues are URLs."""

    TABLE = "REGISTRY_TABLE"
    ACCOUNT = "REGISTRY_ACCOUNT"
    ENVIRONMENT = "REGISTRY_ENVIRONMENT"
    REGIONS = "REGISTRY_REGIONS"  # the environment's
    RETRY_QUEUE = "REGISTRY_RETRY_QUEUE"
    DEAD_LETTER_QUEUE = "REGISTRY_PARKED_QUEUE"
    CHANGES_QUEUE = "REGISTRY_CHANGES_QUEUE"  # of `registry_capture` alone
    SHADOWS_QUEUE = "REGISTRY_SHADOWS_QUEUE"  # of `registry_apply` alone: shadows to apply
    RECONCILE_QUEUE = "REGISTRY_RECONCILE_QUEUE"  # of `registry_reconcile` alone: checkpoints
    EXCLUDED_POLICIES = "REGISTRY_EXCLUDED_POLICIES"  # names, or empty
    EXCLUDED_CA_CERTIFICATES = "REGISTRY_EXCLUDED_CA_CERTIFICATES"  # ids, or empty
    DELETION_PERCENT = "REGISTRY_DELETION_PERCENT"  # 100 (if it is not set): no brake
    RATE = "REGISTRY_RATE"  # of `registry_reconcile` alone: things a second; no limit if not set
    COPY_REPORTED = "REGISTRY_COPY_REPORTED"  # of shadows, `true` (if it is not set) or `false`


class TelemetryVariable(StrEnum):
    """Environment variables of `functions/telemetry`."""

    TABLE = "TELEMETRY_TABLE"  # of states
    FAILED_QUEUE = "TELEMETRY_FAILED_QUEUE"  # a URL
    ENVIRONMENT = "TELEMETRY_ENVIRONMENT"


class Kind(StrEnum):
    """The kinds of entities, in the order of creation: each after those that it refers to.

    Only a thing group comes before its policies, which are attached once they exist.
    """

    THING_TYPE = "thing-type"
    THING_GROUP = "thing-group"
    POLICY = "policy"
    CA_CERTIFICATE = "ca-certificate"
    CERTIFICATE = "certificate"
    THING = "thing"
    SHADOW = "shadow"


ENTITY_KEY: Final = "entity"
"""The partition key of the registry's table: `kind/name`."""
DEVICE_KEY: Final = "device"
"""The partition key of the table of states."""
REGION_KEY: Final = "region"
"""The sort key of both tables; each region writes only its own items, so no writes conflict."""
EXPIRY: Final = "expires"
"""The TTL attribute of the registry's table."""

RESERVES: Final = {
    "registry_apply": 20_000,
    "registry_capture": 20_000,
    "registry_reconcile": 60_000,
}
"""Milliseconds by package that one record may take when AWS is slow.

With less time left a function begins none: it is reported as failed, rather than interrupted.
"""

NAMESPACES: Final = "IotDr/"
"""The beginning of each CloudWatch namespace of functions and switches."""
CANARY_NAMESPACE: Final = f"{NAMESPACES}Canary"
WATCHER_NAMESPACE: Final = f"{NAMESPACES}Watcher"
REGISTRY_NAMESPACE: Final = f"{NAMESPACES}Registry"
TELEMETRY_NAMESPACE: Final = f"{NAMESPACES}Telemetry"

UNHEALTHY: Final = "Unhealthy"
"""The canary's metric: 1 if it could not publish."""
PRIMARY_FAILING: Final = "PrimaryFailing"
"""The watcher's metric: 1 if the watched region fails, or may fail."""
WITHHELD: Final = "Withheld"
"""The registry's metric: missing entities that are not captured as deleted."""
OVERRUN: Final = "Overrun"
"""The registry's metric: comparisons that were due while the one before was still running."""
HELD_BACK: Final = "HeldBack"
"""The registry's metric: deletions of other regions that the brake does not let through."""
RECOVERY_POINT: Final = "RecoveryPoint"
"""The registry's metric: age of the newest change of another region that has surely arrived."""
SHADOW_RECOVERY_POINT: Final = "ShadowRecoveryPoint"
"""The same of shadows."""
SCHEDULES: Final = "aws.events"
"""The source of the event of an EventBridge schedule."""
SWITCH_METRIC: Final = "SwitchedAway"
"""The metric of a switch: 1 moves devices away from its region, 0 moves them back."""
SEEN_HEALTHY: Final = "SeenHealthy"
"""A metric next to the switches: its region was healthy."""
USES: Final = "switch"
"""The kind of parameter with the last use of a switch."""
REGISTER: Final = f"{USES}/register"
"""The kind of parameter with the value of a switch; whoever may access all of USES may this too."""
NUMBER: Final = "number"
"""The key of both kinds with the number of a change; former versions wrote uses without it."""


def canary_age(interval: float) -> float:
    """Return the seconds for which the canary answers with its last result."""
    return min(CANARY_AGE, interval)


def switch_namespace(environment: str) -> str:
    """Return the CloudWatch namespace of an environment's switches.

    Environments have separate namespaces because IAM can limit PutMetricData only by namespace:
    docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html.
    """
    return f"{NAMESPACES}Switch/{environment}"


def switch_dimensions(environment: str, region: str) -> dict[str, str]:
    """Return the dimensions of SWITCH_METRIC."""
    return {"Environment": environment, "Region": region}


def parameter_name(project: str, environment: str, what: str, region: str) -> str:
    """Return the name of a region's parameter for a kind of record; `*` is any region."""
    # Not the project first: names must not begin with `aws` or `ssm`:
    # docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
    return f"/iot-dr/{project}/{environment}/{what}/{region}"


def next_number(last: int, now: datetime) -> int:
    """Return the number of a change after the one with the number `last`, 0 if there is none.

    It is at least the time, so that a change is above older ones in regions that were not read.
    """
    return max(last + 1, int(now.timestamp()))


def switch_alarm_regions(regions: Sequence[str], region: str) -> tuple[str, ...]:
    """Return the regions with the alarm of a region's switch: two, or one of two `regions`.

    The first is the first other region, the second the one after `region`, and then the next ones;
    after the last comes the first.
    """
    place = regions.index(region)
    after = (*regions[place + 1 :], *regions[:place])
    first = next(other for other in regions if other != region)
    return tuple(dict.fromkeys((first, *after)))[:MOST_ALARM_REGIONS]


def watcher_alarm_regions(regions: Sequence[str], watcher: str, region: str) -> tuple[str, ...]:
    """Return the alarm regions in which a watcher puts a region's switch: the first that answers.

    That is the watcher's own region if it is one of them: while that is gone nobody watches.
    """
    alarm_regions = switch_alarm_regions(regions, region)
    return (watcher,) if watcher in alarm_regions else alarm_regions


def healthy_dimensions(environment: str, region: str, check_id: str) -> dict[str, str]:
    """Return the dimensions of SEEN_HEALTHY; `check_id` is of the region's TCP health check."""
    return {**switch_dimensions(environment, region), "HealthCheckId": check_id}
