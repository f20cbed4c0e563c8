"""The global tables of device data."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from functions.contract import DEVICE_KEY, ENTITY_KEY, EXPIRY, REGION_KEY
from modules.context import Context
from modules.device_table_names import registry_table, state_table
from modules.global_table import GlobalTable, GlobalTableInputs
from modules.number import Number


@dataclass(frozen=True, kw_only=True)
class DeviceTablesInputs:
    """The replicas' regions, besides the provider's own, and the days of point-in-time recovery."""

    provider: AwsProvider
    context: Context
    replicas: Sequence[str]
    point_in_time_days: Number


@dataclass(frozen=True, kw_only=True)
class DeviceTablesOutputs:
    """The names of the tables: device states, and registry entities by region."""

    state: str
    registry: str


class DeviceTables:
    """Two global tables in which each region writes only its own items (ADR 0021)."""

    def __init__(self, scope: Construct, inputs: DeviceTablesInputs) -> None:
        self._scope, self._inputs = scope, inputs
        context = inputs.context
        self.outputs = DeviceTablesOutputs(
            state=self._table("device_state", state_table(context), DEVICE_KEY),
            registry=self._table("device_registry", registry_table(context), ENTITY_KEY, EXPIRY),
        )

    def _table(self, slot: str, name: str, hash_key: str, ttl: str | None = None) -> str:
        inputs = GlobalTableInputs(
            provider=self._inputs.provider,
            slot=slot,
            name=name,
            hash_key=hash_key,
            range_key=REGION_KEY,
            replicas=self._inputs.replicas,
            point_in_time_days=self._inputs.point_in_time_days,
            ttl=ttl,
        )
        return GlobalTable(self._scope, slot, inputs).outputs.name
