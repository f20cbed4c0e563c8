"""The records of the device name: what it has, what it is to have, and the change between them."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, cast

from environments.existing import Existing
from environments.project import settings_file
from environments.settings import ExistingZone, Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.common.waiting import OnWait, PollLimits, WaitTimeoutError, wait_until
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.aws.errors import AwsError, NoAnswerError, RequestRefusedError
from iot_dr.observe.state.store import Store, StoredObject, UnreachableError
from iot_dr.observe.switch.record_sets import RecordSet, are_equal, records_at, targets
from iot_dr.operate.adopt.change_batch import ChangeBatch
from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.json_value import text
from iot_dr.terraform_json.state_file import StateFile
from modules.global_region import GLOBAL_REGION
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.state_location import CUT_OVER_OUTPUT, StateLocation, global_locations

# A change has usually reached all servers of Route 53 within 60 seconds:
# docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html
_IN_SYNC: Final = PollLimits(limit=180, interval=2)
_LIMITS: Final = CallLimits(connect=2, read=10, attempts=2)
# A batch must not be sent twice: the second one would be refused, as if nothing had been changed.
_ONCE: Final = CallLimits(connect=2, read=20, attempts=1)


class NothingToAdoptError(UsageError):
    """The settings have no platform to adopt."""


class NotAppliedError(UserError):
    """The entry point's stack was not applied with `cut_over: false`."""


class NotChangedError(UserError):
    """Route 53 refused a change batch, or did not answer; the message says what holds now."""


@dataclass(frozen=True)
class ExistingNameRecords:
    """The records of the device name of an environment with the block `existing`."""

    settings: Settings
    limits: PollLimits = _IN_SYNC
    _clients: Clients = field(init=False)
    _sender: Clients = field(init=False)

    def __post_init__(self) -> None:
        role = self.settings.deploy_role_arn
        object.__setattr__(self, "_clients", Clients(role, _LIMITS))
        object.__setattr__(self, "_sender", Clients(role, _ONCE))

    @property
    def existing(self) -> Existing:
        """The block of the settings; raises NothingToAdoptError."""
        if self.settings.existing is None:
            file = settings_file(self.settings.environment)
            raise NothingToAdoptError(f"{file}: has no block existing, so nothing to adopt")
        return self.settings.existing

    @property
    def zone_id(self) -> str:
        """The id of the zone, which the settings must name."""
        zone = self.settings.zone
        assert isinstance(zone, ExistingZone)  # noqa: S101 - settings with `existing` have one
        return zone.id

    def current(self) -> tuple[RecordSet, ...]:
        """Return the records that the device name has now; raises AwsError."""
        return records_at(self._clients, self.zone_id, self.settings.device_name)

    def failover_pair(self) -> tuple[RecordSet, ...]:
        """Return the failover records of the applied entry point.

        Raises NotAppliedError if its state has no such output, or one of other settings, and
        StoreError or UnreachableError.
        """
        node = platform_graph(self.settings).only("entry-point")
        name, (location, stored) = node.name, self._stored(node)
        try:
            state = StateFile.or_empty(stored.content if stored else None)
            records = json.loads(text(state.output(CUT_OVER_OUTPUT)))
            pair = tuple(cast("list[RecordSet]", records))
            is_current = _is_pair_of(self.settings, pair)
        except (ValueError, TypeError, KeyError) as error:
            message = (
                f"{name}: its state {location.url} has no output"
                f" {CUT_OVER_OUTPUT};"
                " deploy it with existing: {cut_over: false} first"
            )
            raise NotAppliedError(message) from error
        if not is_current:
            raise NotAppliedError(
                f"{name}: its output {CUT_OVER_OUTPUT} has records of other settings (device name,"
                " primary region, regions or endpoint.ttl); deploy it with these settings first"
            )
        return pair

    def _stored(self, node: StackNode) -> tuple[StateLocation, StoredObject | None]:
        """Return a state, or its first copy whose region works: the home region may have failed.

        Raises UnreachableError if no region works, with the reason of the home region.
        """
        store, errors = Store(self.settings.deploy_role_arn), list[UnreachableError]()
        for location in global_locations(self.settings, node):
            try:
                return location, store.read(location)
            except UnreachableError as error:
                errors.append(error)
        raise errors[0]

    def change(self, batch: ChangeBatch, on_wait: OnWait) -> None:
        """Send a batch, and wait until all servers of Route 53 have it.

        Returns also if the answer was lost and the change is there. Raises NotChangedError
        otherwise, and if the change is not on all servers in time.
        """
        try:
            answer = self._sender.call(
                "route53",
                GLOBAL_REGION,
                "change_resource_record_sets",
                HostedZoneId=self.zone_id,
                ChangeBatch=batch.content,
            )
        except AwsError as error:
            self._require_change(batch, error)
            return
        change_id = str(answer["ChangeInfo"]["Id"])
        try:
            wait_until(lambda: self._not_in_sync(change_id), self.limits, on_wait)
        except (AwsError, WaitTimeoutError) as error:
            message = (
                f"the change is made, but it is not known whether all servers of Route 53 have it"
                f" ({plain(change_id)}): {error}"
            )
            raise NotChangedError(message) from error

    def _require_change(self, batch: ChangeBatch, error: AwsError) -> None:
        """Return if the records are those of the batch; raises NotChangedError otherwise."""
        try:
            if are_equal(self.current(), batch.created):
                return
        except AwsError as unread:
            message = (
                f"{error}. It is not known whether the change was made, since the records cannot be"
                f" read either ({unread}); run the command again"
            )
            raise NotChangedError(message) from error
        if isinstance(error, NoAnswerError):
            message = (
                f"{error}. The records are still as before, but the change may yet be made; wait a"
                " minute and run the command again"
            )
            raise NotChangedError(message) from error
        why = "refused" if isinstance(error, RequestRefusedError) else "not made"
        message = f"the batch was {why}, and nothing is changed: {error}"
        raise NotChangedError(message) from error

    def _not_in_sync(self, change_id: str) -> str:
        answer = self._clients.call("route53", GLOBAL_REGION, "get_change", Id=change_id)
        status = str(answer["ChangeInfo"]["Status"])
        return "" if status == "INSYNC" else f"the change is {plain(status)}"


def _is_pair_of(settings: Settings, pair: Collection[RecordSet]) -> bool:
    """Whether failover records are those of the device name, its regions and its TTL."""
    first, second, *others = settings.failover_order
    leads_to = {
        (record["Failover"], dns_name(record["Name"])): [*map(dns_name, targets(record))]
        for record in pair
    }
    ttl = settings.endpoint.ttl
    return all(record.get("TTL", ttl) == ttl for record in pair) and leads_to == {
        ("PRIMARY", settings.device_name): [settings.regional_name(first)],
        # With more regions it is an alias.
        ("SECONDARY", settings.device_name): [] if others else [settings.regional_name(second)],
    }
