"""Client ids of a region's connections: from its fleet index, or from the registry's table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Final

from environments.settings import Settings
from functions.contract import Kind
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.operate.registry.registry_errors import registry_errors
from iot_dr.operate.registry.sites import RegistryClients

_CONNECTED: Final = "connectivity.connected:true"


class DrainError(UserError):
    """A region is not drained, or not to the end; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientIds:
    """The client ids of connections; `count` and `source` are known before they are `read`."""

    count: int
    source: str
    read: Callable[[Clients], Iterator[str]]


def client_ids(settings: Settings, region: str, standby: str, clients: Clients) -> ClientIds:
    """Return where the client ids of a region's connections are known.

    Without an index that is the table in the standby, as the region may be failing.

    Raises DrainError if nowhere, and AwsError, NoAnswerError if the region does not answer.
    """
    answer = clients.call("iot", region, "get_indexing_configuration")
    things = answer.get("thingIndexingConfiguration", {})
    if things.get("thingConnectivityIndexingMode") == "STATUS":
        counted = clients.call("iot", region, "get_statistics", queryString=_CONNECTED)
        return ClientIds(
            count=int(counted["statistics"]["count"]),
            source=f"the fleet index of {region}",
            read=partial(_indexed, region),
        )
    missing = ""
    if settings.existing and settings.existing.device_policy:
        missing = (
            "with the document of existing.device_policy a client id need not be a thing's name"
        )
    elif settings.data is None:
        missing = "without the block data there is no registry's table"
    if missing:
        raise DrainError(
            f"the client ids of {region} are unknown: its fleet index has no connectivity, and"
            f" {missing}. Turn connectivity on: aws iot update-indexing-configuration --region"
            f" {region} --thing-indexing-configuration"
            " thingIndexingMode=REGISTRY,thingConnectivityIndexingMode=STATUS"
        )
    return ClientIds(
        count=settings.recovery.fleet,
        source=f"recovery.fleet; client ids are the things of the registry's table in {standby}",
        read=partial(_registered, settings, standby),
    )


def _indexed(region: str, clients: Clients) -> Iterator[str]:
    page: dict[str, str] = {}
    while True:
        answer = clients.call("iot", region, "search_index", queryString=_CONNECTED, **page)
        for thing in answer.get("things", []):
            yield thing["connectivity"].get("clientId") or thing["thingName"]
        if not answer.get("nextToken"):
            return
        page = {"nextToken": answer["nextToken"]}


def _registered(settings: Settings, region: str, clients: Clients) -> Iterator[str]:
    with registry_errors(region):
        rows = RegistryClients(settings, clients=clients).log(region).scan(refuse=lambda _: None)
        things = (row for row in rows if row.entity.kind is Kind.THING)
        # One of each region, one after the other.
        for name, _ in groupby(row.entity.name for row in things if row.state is not None):
            yield name
