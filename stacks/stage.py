"""The stage: all stacks of one environment."""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from cdktf import App

from environments.settings import Settings
from stacks.base_stack import BaseStack
from stacks.graph import What
from stacks.platform_graph import platform_graph
from stacks.rollout import Rollout

# Modules and classes: what an environment does not have is not imported, with all its resources.
_STACKS: Final[Mapping[What, tuple[str, str]]] = {
    "pipeline": ("pipeline_stack", "CICDPipelineStack"),
    "state": ("state_backend_stack", "StateBackendStack"),
    "hosted-zone": ("hosted_zone_stack", "HostedZoneStack"),
    "data": ("device_data_stack", "DeviceDataStack"),
    "iot": ("iot_stack", "IoTStack"),
    "telemetry": ("telemetry_stack", "TelemetryStack"),
    "device-registry": ("device_registry_stack", "DeviceRegistryStack"),
    "entry-point": ("entry_point_stack", "EntryPointStack"),
}
_LEAVING: Final = ("leaving_stack", "LeavingStack")


class IotPlatformStage:
    """Builds every stack of an environment and ties them in the order of its graph.

    The stacks stand right in the app: `cdktf deploy` looks for dependencies by the path of a
    stack, and finds only those whose path is their name.
    """

    def __init__(self, app: App, settings: Settings) -> None:
        self.graph = platform_graph(settings)
        self.rollout = Rollout(self.graph)
        self.stacks: dict[str, BaseStack] = {}
        for node in self.graph.nodes:
            module, name = _LEAVING if node.role == "leaving" else _STACKS[node.what]
            make = getattr(import_module(f"stacks.{module}"), name)
            self.stacks[node.name] = make(app, node, settings)
        self.rollout.refuse_outside(self.stacks)
        for node in self.graph.nodes:
            # A read of remote state orders nothing: without this, `cdktf deploy '*'` would run
            # the reader beside the stack that it reads, and two regions at once.
            for upstream in node.earlier:
                self.stacks[node.name].add_dependency(self.stacks[upstream])
