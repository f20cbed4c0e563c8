"""The stack of the device data tables."""

from constructs import Construct

from environments.settings import Settings
from modules.device_tables import DeviceTables, DeviceTablesInputs
from stacks.base_stack import BaseStack
from stacks.device_data import device_data
from stacks.graph import StackNode


class DeviceDataStack(BaseStack):
    """Two global tables that the home region manages, with a replica in every other (ADR 0021).

    A leaving region keeps its replicas while its own stacks, which use them, exist. The first plan
    after the region is removed from the settings deletes them.
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
