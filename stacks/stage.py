"""The stage: all stacks of one environment."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Final

from cdktf import App

from environments.rules import MOST_REGIONS
from environments.settings import Settings
from stacks.base_stack import BaseStack
from stacks.graph import StackNode, What
from stacks.platform_graph import platform_graph
from stacks.rollout import Rollout
from stacks.stack_context import stack_context

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
            self.stacks[node.name] = _stack(app, node, settings)
        self.rollout.refuse_outside(self.stacks)
        for node in self.graph.nodes:
            # A read of remote state orders nothing: without this, `cdktf deploy '*'` would run
            # the reader beside the stack that it reads, and two regions at once.
            for upstream in node.earlier:
                self.stacks[node.name].add_dependency(self.stacks[upstream])
        if settings.pipeline:
            self._allow(app, settings)

    def _allow(self, app: App, settings: Settings) -> None:
        """Write what the roles of pipelines and functions may do: it follows from all stacks."""
        # What an environment does not have is not imported.
        from stacks.permissions.permissions import Permissions  # noqa: PLC0415 - see above

        stacks = (*self.stacks.items(), *_left_out(app, settings))
        documents = ((name, stack.to_terraform()) for name, stack in stacks)
        context = stack_context(settings, settings.home_region)
        permissions = Permissions(settings, context, documents)
        for stack in self.stacks.values():
            stack.allow(permissions)


def _stack(app: App, node: StackNode, settings: Settings) -> BaseStack:
    module, name = _LEAVING if node.role == "leaving" else _STACKS[node.what]
    return getattr(import_module(f"{__package__}.{module}"), name)(app, node, settings)


def _left_out(app: App, settings: Settings) -> Iterator[tuple[str, BaseStack]]:
    """Return stacks with what the settings leave out, by name; they are in an app of their own.

    What a change of settings takes away is destroyed in a later wave than the pipeline's own, by
    roles that must still be allowed to: the stacks of a region that leaves, a canary, a watcher.
    """
    whole = settings.model_copy(
        update={
            "regions": (*settings.regions, *settings.leaving_regions),
            "leaving_regions": (),
            "health": settings.health.model_copy(update={"mode": "deep"}),
            "recovery": settings.recovery.model_copy(update={"fail_back": "latched"}),
        }
    )
    if whole == settings:
        return
    other = App(outdir=app.outdir)
    for node in platform_graph(whole).nodes:
        if node.what == "entry-point":
            most = whole.model_copy(update={"regions": whole.regions[:MOST_REGIONS]})
            yield node.name, _stack(other, node, most)
        elif node.is_regional and (
            whole.health != settings.health or node.region in settings.leaving_regions
        ):
            yield node.name, _stack(other, node, whole)
