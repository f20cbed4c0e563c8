"""The tables with the data of devices, which every region holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.device_table_names import registry_table, state_table
from modules.global_table import GlobalTable, GlobalTableInputs
from modules.number import Number

_EXPIRY = "expires"


@dataclass(frozen=True, kw_only=True)
class DeviceTablesInputs:
    """The regions besides the provider's own, and how far back (days) that can be restored."""

    provider: AwsProvider
    context: Context
    replicas: Sequence[str]
    point_in_time_days: Number


@dataclass(frozen=True, kw_only=True)
class DeviceTablesOutputs:
    """The names of the tables: last states, and what each region holds of the registry."""

    state: str
    registry: str


class DeviceTables:
    """Two global tables, in both of which a region writes its own items alone (ADR 0021)."""

    def __init__(self, scope: Construct, inputs: DeviceTablesInputs) -> None:
        self._scope, self._inputs = scope, inputs
        context = inputs.context
        self.outputs = DeviceTablesOutputs(
            state=self._table("device_state", state_table(context), "device"),
            registry=self._table("device_registry", registry_table(context), "entity", _EXPIRY),
        )

    def _table(self, slot: str, name: str, hash_key: str, ttl: str | None = None) -> str:
        inputs = GlobalTableInputs(
            provider=self._inputs.provider,
            slot=slot,
            name=name,
            hash_key=hash_key,
            # A region writes its own items alone, so that no write of two regions ever meets.
            range_key="region",
            replicas=self._inputs.replicas,
            point_in_time_days=self._inputs.point_in_time_days,
            ttl=ttl,
        )
        return GlobalTable(self._scope, slot, inputs).outputs.name
