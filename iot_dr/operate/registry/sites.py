"""Access to the registries of an environment's regions."""

import time
from collections.abc import Callable
from functools import partial
from io import BytesIO
from threading import Lock, local
from typing import Any, Final
from urllib.parse import urlsplit

from environments.settings import Settings
from functions.registry.access import RegistryAccess
from functions.registry.table import RegistryTable
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.status.comparison_quota import SHARE, ComparisonQuota
from iot_dr.observe.switch.caller import UNKNOWN, caller
from iot_dr.observe.switch.situation import WrongAccountError
from iot_dr.operate.registry.names import RegistryNames
from iot_dr.operate.registry.registry_errors import registry_errors

LEAST: Final = 10
"""Calls per second of an API that is not listed here."""

# Calls a second that AWS IoT allows an account in a region for each API, by default:
# docs.aws.amazon.com/general/latest/gr/iot-core.html. An account's own quotas may be higher.
_MORE: Final = {
    "AddThingToThingGroup": 100,
    "AttachPolicy": 15,
    "AttachThingPrincipal": 100,
    "CreateThing": 100,
    "CreateThingGroup": 25,
    "CreateThingType": 15,
    "DeleteThing": 100,
    "DeleteThingGroup": 15,
    "DeleteThingType": 15,
    "DeprecateThingType": 15,
    "DescribeThing": 350,
    "DescribeThingGroup": 100,
    "DescribeThingType": 100,
    "DetachPolicy": 15,
    "DetachThingPrincipal": 100,
    "GetPolicyVersion": 15,
    "ListAttachedPolicies": 15,
    "ListThingGroupsForThing": 100,
    "RemoveThingFromThingGroup": 100,
    "UpdateThing": 100,
    "UpdateThingGroup": 15,
}
# One quota for all of them, L-6CC6395A; ten times as high in the largest regions.
_SHADOWS: Final = 400
_OF_SHADOWS: Final = frozenset(
    {"DeleteThingShadow", "GetThingShadow", "ListNamedShadowsForThing", "UpdateThingShadow"}
)


_SLOWEST: Final = "ListThingPrincipalsV2"
"""The call for each thing with the lowest quota."""


def quota(operation: str) -> tuple[str, int]:
    """Return the quota that an operation such as `ListThings` counts against, and its rate."""
    if operation in _OF_SHADOWS:
        return "shadows", _SHADOWS
    return operation, _MORE.get(operation, LEAST)


class RateLimit:
    """Limits the rate of calls to one region, per API; safe for any number of threads.

    `rate` is calls per second of each API, or None for a share of AWS's default quota.
    """

    def __init__(
        self,
        rate: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._next: dict[str, float] = {}
        self._lock = Lock()

    def wait(self, operation: str) -> None:
        """Wait until an operation such as `ListThings` may be called."""
        name, default = quota(operation)
        pause = 1 / (self._rate or SHARE * default)
        with self._lock:
            now = self._clock()
            begin = max(now, self._next.get(name, now))
            self._next[name] = begin + pause
        # The slot is reserved; sleeping under the lock would also delay other APIs.
        if begin > now:
            self._sleep(begin - now)

    def attach(self, client: Any) -> None:  # noqa: ANN401 - boto3 has no types
        """Limit every request of a boto3 client, including its retries."""
        # First: a handler that answers by itself, such as an emulator's, ends the event.
        client.meta.events.register_first("before-send", self._before)

    def _before(self, event_name: str, **_request: object) -> None:
        self.wait(event_name.rpartition(".")[2])


LIMITS: Final = CallLimits(connect=3, read=20, attempts=5, connections=64)
"""For work of hours: a call is retried while AWS throttles a little."""

_OF_AWS: Final = (".amazonaws.com", ".api.aws")


class RegistryClients:
    """Creates the clients of each region's registry, limited to a rate that AWS allows.

    Raises what `RegistryNames.of` raises.
    """

    def __init__(
        self, settings: Settings, rate: float | None = None, clients: Clients | None = None
    ) -> None:
        self.settings = settings
        self.names = RegistryNames.of(settings)
        self._rate = rate
        self._clients = clients or Clients(settings.deploy_role_arn, LIMITS)

    def access(self, region: str, *, is_read_only: bool = False) -> RegistryAccess:
        """Return access to a region's IoT Core; `is_read_only` halves the calls for shadows.

        Raises AwsError.
        """
        # Also shows at once whether the region answers and accepts the credentials.
        endpoint = data_endpoint(self._clients, region)
        with registry_errors(region):
            iot = self._clients.client("iot", region)
            pace = RateLimit(self._rate)
            data = self._clients.client("iot-data", region, endpoint)
            for client in iot, data:
                pace.attach(client)
            make = partial(RegistryAccess, iot, ShadowCache(data) if is_read_only else data)
            return make(region, self.settings.account_id, self.names.excluded)

    def log(self, region: str) -> RegistryTable:
        """Return a region's replica of the table; raises AwsError."""
        with registry_errors(region):
            client = self._clients.client("dynamodb", region)
            return RegistryTable(client, self.names.table, self.settings.regions)

    def things(self, region: str) -> int | None:
        """Return the approximate number of a region's things; None if unknown, as without an index.

        docs.aws.amazon.com/iot/latest/developerguide/index-aggregate.html (GetStatistics).
        """
        try:
            answer = self._clients.call("iot", region, "get_statistics", queryString="thingName:*")
            return int(answer["statistics"]["count"])
        except Exception:  # noqa: BLE001 - only the progress bar needs it, and works without
            return None

    def estimate(self, region: str) -> str:
        """Return how long it takes to read a region's things, and what would shorten that.

        By the account's own quota; the number of things is `recovery.fleet` if it is unknown.
        """
        try:
            principals = ComparisonQuota.read(self._clients, region)
        except UserError as error:
            return f"{region}: unknown how long it takes: {error}"
        things = self.things(region) or self.settings.recovery.fleet
        rate = self._rate or SHARE * quota(_SLOWEST)[1]
        hours, share = principals.hours(things, rate), SHARE * principals.limit
        text = (
            f"{region}: about {hours:.1f} h for {things:,} things, at {rate:g} a second of"
            f" {principals.limit:g} (the quota of {_SLOWEST})"
        )
        if share > rate:
            return f"{text}; with --rate {share:g} {principals.hours(things, share):.1f} h"
        needed, command = principals.request(things / 3600)
        return f"{text}; for an hour request {needed}: {command}" if hours > 1 else text

    def refuse_other_account(self, region: str) -> None:
        """Raise WrongAccountError if the credentials belong to another account; AwsError.

        With a deployment role, or if STS does not answer, nothing is refused.
        """
        if self.settings.deploy_role_arn:
            return
        who = caller(region, LIMITS)
        account = self.settings.account_id if who == UNKNOWN else who.split(":")[4]
        if account != self.settings.account_id:
            raise WrongAccountError(
                f"{plain(who)} is in account {plain(account)}; {self.settings.environment} is in"
                f" {self.settings.account_id} (account_id): use credentials of that account"
            )


def data_endpoint(clients: Clients, region: str) -> str | None:
    """Return the account's own endpoint of AWS IoT's data plane; raises AwsError.

    None if calls do not go to AWS but to an endpoint that a variable names.
    """
    answer = clients.call("iot", region, "describe_endpoint", endpointType="iot:Data-ATS")
    is_of_aws = _is_of_aws(clients.client("iot", region))
    return f"https://{answer['endpointAddress']}" if is_of_aws else None


def _is_of_aws(client: Any) -> bool:  # noqa: ANN401 - boto3 has no types
    """Whether a client calls AWS, and not an endpoint set by a variable."""
    return (urlsplit(str(client.meta.endpoint_url)).hostname or "").endswith(_OF_AWS)


# Both halves are read one after the other; an older answer was for something else.
_FRESH_SECONDS: Final = 1.0

_Answer = tuple[dict[str, str], bytes, float]


class ShadowCache:
    """A client for shadows that serves two calls within a second from one answer of AWS.

    An answer contains both halves of a shadow, which are read one after the other. Each thread has
    its own last answer. For reading only, as a change within that second is not noticed.
    """

    def __init__(self, client: Any, clock: Callable[[], float] = time.monotonic) -> None:  # noqa: ANN401 - boto3 has no types
        self._client = client
        self._clock = clock
        self._last = local()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as above
        return getattr(self._client, name)

    def get_thing_shadow(self, **place: str) -> dict[str, Any]:
        """Return a shadow as boto3's client does."""
        payload = self._taken(place)
        if payload is None:
            payload = self._client.get_thing_shadow(**place)["payload"].read()
            self._last.answer = place, payload, self._clock()
        return {"payload": BytesIO(payload)}

    def _taken(self, place: dict[str, str]) -> bytes | None:
        answer: _Answer | None = getattr(self._last, "answer", None)
        self._last.answer = None
        if answer is None or answer[0] != place or self._clock() - answer[2] >= _FRESH_SECONDS:
            return None
        return answer[1]
