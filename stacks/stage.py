"""The stage: all stacks of one environment."""

from collections.abc import Callable, Mapping

from cdktf import App
from constructs import Construct

from environments.settings import Settings
from stacks.base_stack import BaseStack
from stacks.device_data_stack import DeviceDataStack
from stacks.device_registry_stack import DeviceRegistryStack
from stacks.entry_point_stack import EntryPointStack
from stacks.graph import StackNode, What
from stacks.hosted_zone_stack import HostedZoneStack
from stacks.iot_stack import IoTStack
from stacks.leaving_stack import LeavingStack
from stacks.pipeline_stack import CICDPipelineStack
from stacks.platform_graph import platform_graph
from stacks.rollout import Rollout
from stacks.state_backend_stack import StateBackendStack
from stacks.telemetry_stack import TelemetryStack

_STACKS: Mapping[What, Callable[[Construct, StackNode, Settings], BaseStack]] = {
    "pipeline": CICDPipelineStack,
    "state": StateBackendStack,
    "hosted-zone": HostedZoneStack,
    "data": DeviceDataStack,
    "iot": IoTStack,
    "telemetry": TelemetryStack,
    "device-registry": DeviceRegistryStack,
    "entry-point": EntryPointStack,
}


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
            make = LeavingStack if node.role == "leaving" else _STACKS[node.what]
            stack = make(app, node, settings)
            self.stacks[node.name] = stack
        self.rollout.refuse_outside(self.stacks)
        for node in self.graph.nodes:
            # A read of remote state orders nothing: without this, `cdktf deploy '*'` would run
            # the reader beside the stack that it reads, and two regions at once.
            for upstream in node.earlier:
                self.stacks[node.name].add_dependency(self.stacks[upstream])
