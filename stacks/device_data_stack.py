"""The tables with the data of devices, which every region holds."""

from constructs import Construct

from environments.settings import Settings
from modules.device_tables import DeviceTables, DeviceTablesInputs
from stacks.base_stack import BaseStack
from stacks.device_data import device_data
from stacks.graph import StackNode


class DeviceDataStack(BaseStack):
    """Two global tables, which home owns, with a replica in each other region (ADR 0021).

    A region that is leaving keeps its replicas while its own stacks stand, which work on them:
    they go with the first plan that no longer names the region.
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        home = settings.home_region
        super().__init__(scope, node, settings, [home])
        inputs = DeviceTablesInputs(
            provider=self.provider(home),
            context=self.context,
            replicas=[region for region in settings.state_buckets if region != home],
            point_in_time_days=device_data(settings).point_in_time_days,
        )
        tables = DeviceTables(self, inputs).outputs
        state, registry = tables.state, tables.registry
        self.hand_over("device_state_table", state, "Table with the last state of each device")
        self.hand_over("device_registry_table", registry, "Table with what each region holds")
