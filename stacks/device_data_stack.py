"""The tables with the data of devices, which every region holds."""

from constructs import Construct

from environments.settings import Settings
from modules.global_table import GlobalTable, GlobalTableInputs
from stacks.base_stack import BaseStack
from stacks.device_data import device_data, registry_table, state_table
from stacks.graph import StackNode

_EXPIRY = "expires"


class DeviceDataStack(BaseStack):
    """Two global tables, which home owns, with a replica in each other region (ADR 0021).

    A region that is leaving keeps its replicas while its own stacks stand, which work on them:
    they go with the first plan that no longer names the region.
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings, [settings.home_region])
        state = self._table(slot="device_state", name=state_table(self.context), hash_key="device")
        registry = self._table(
            slot="device_registry",
            name=registry_table(self.context),
            hash_key="entity",
            ttl=_EXPIRY,
        )
        self.hand_over("device_state_table", state, "Table with the last state of each device")
        self.hand_over("device_registry_table", registry, "Table with what each region holds")

    def _table(
        self,
        *,
        slot: str,
        name: str,
        hash_key: str,
        ttl: str | None = None,
    ) -> str:
        home = self.settings.home_region
        inputs = GlobalTableInputs(
            provider=self.provider(home),
            slot=slot,
            name=name,
            hash_key=hash_key,
            # A region writes its own items alone, so that no write of two regions ever meets.
            range_key="region",
            replicas=[region for region in self.settings.state_buckets if region != home],
            point_in_time_days=device_data(self.settings).point_in_time_days,
            ttl=ttl,
        )
        return GlobalTable(self, slot, inputs).outputs.name
