"""The stage: all stacks of one environment."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Final

from cdktf import App

from environments.errors import ABSENT, Mistake, SettingsError
from environments.project import settings_file
from environments.rules import MOST_REGIONS
from environments.settings import Settings
from modules.inputs import InputError
from stacks.base_stack import BaseStack
from stacks.graph import StackGraph, StackNode
from stacks.own_code import own_code, stack_error
from stacks.own_stacks import own_stacks, refuse_without_provider, with_own_stacks
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutWaves

# Modules and classes. Importing only the needed ones saves loading their resources' bindings.
_STACKS: Final[Mapping[str, tuple[str, str]]] = {
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
    """All stacks of an environment, with the dependencies of their graph.

    `regional` are a project's own classes of stacks, one stack for each region, and `global_` those
    that exist once; without both they are those that the project's `cdktf.json` names. Raises
    SettingsError for an own stack that is impossible, or whose code raises an exception, and for a
    setting that a module refuses.

    The stacks are direct children of the app: `cdktf deploy` finds dependencies by a stack's path,
    and only if the path is the stack's name.
    """

    settings: Settings
    """The environment's settings, with its own stacks."""
    graph: StackGraph
    """The stacks and what each depends on; `graph.waves` are those that may be applied together."""
    rollout: RolloutWaves
    """The same stacks in the waves of a rollout."""
    stacks: dict[str, BaseStack]
    """The stacks by name, such as `iot-dev-entry-point`, to which an app may add constructs."""
    refused: Sequence[str]
    """Resources of own stacks that a pipeline has no permissions for; each is a message."""

    def __init__(
        self,
        app: App,
        settings: Settings,
        *,
        regional: Sequence[type[BaseStack]] | None = None,
        global_: Sequence[type[BaseStack]] | None = None,
    ) -> None:
        if regional is not None or global_ is not None:
            settings = with_own_stacks(settings, regional or (), global_ or ())
        self.settings = settings
        self.graph = platform_graph(settings)
        self.rollout = RolloutWaves(self.graph)
        self.stacks = {}
        for node in self.graph.nodes:
            self.stacks[node.name] = _stack(app, node, settings)
        self.rollout.require_in_waves(self.stacks)
        for node in self.graph.nodes:
            # Reading remote state does not order stacks: without this, `cdktf deploy '*'` would
            # deploy a stack together with the one that it reads, and two regions at once.
            for upstream in node.earlier:
                self.stacks[node.name].add_dependency(self.stacks[upstream])
        self.refused = ()
        if settings.pipeline:
            self._allow(app, settings)

    def _allow(self, app: App, settings: Settings) -> None:
        """Set the policies of the roles of pipelines and functions, which depend on all stacks."""
        # Only environments with a pipeline need it.
        from stacks.permissions.permissions import Permissions  # noqa: PLC0415 - see above
        from stacks.pipeline_stack import CICDPipelineStack  # noqa: PLC0415 - as above
        from stacks.state_backend_stack import StateBackendStack  # noqa: PLC0415 - as above

        stacks = (*self.stacks.items(), *_left_out(app, settings))
        documents = ((name, stack.to_terraform()) for name, stack in stacks)
        permissions = Permissions.of(settings, documents)
        self.refused = permissions.refused
        for stack in self.stacks.values():
            if isinstance(stack, CICDPipelineStack | StateBackendStack):
                stack.allow(permissions)


def _stack(app: App, node: StackNode, settings: Settings) -> BaseStack:
    if node.is_own and node.role != "leaving":
        return _own_stack(app, node, settings)
    module, name = _LEAVING if node.role == "leaving" else _STACKS[node.what]
    stack_class = getattr(import_module(f"{__package__}.{module}"), name)
    try:
        return stack_class(app, node, settings)
    except InputError as error:
        # What only a module knows, such as how many executions a function needs.
        mistake = Mistake(settings_file(settings.environment), None, "", ABSENT, str(error))
        raise SettingsError((mistake,)) from error


def _own_stack(app: App, node: StackNode, settings: Settings) -> BaseStack:
    classes = {stack.kind: stack.stack_class for stack in own_stacks(settings)}
    stack_class = classes[node.what]
    if stack_class is None:
        # Only environments with modules need it.
        from stacks.module_stack import ModuleStack  # noqa: PLC0415 - see above

        stack_class = ModuleStack
    with own_code(stack_class.__name__, partial(stack_error, stack=node.name)):
        stack = stack_class(app, node, settings)
        # The engine may report an error of a construct only when something is read from it.
        document = stack.to_terraform()
    refuse_without_provider(node.name, document)
    return stack


def _left_out(app: App, settings: Settings) -> Iterator[tuple[str, BaseStack]]:
    """Yield stacks with resources that the settings exclude, by name; they are in another app.

    A change of settings destroys resources in a later wave than the one that updates the roles, so
    the roles still need permissions for them: a leaving region's stacks, a canary, a watcher.
    """
    maximal = settings.model_copy(
        update={
            "regions": (*settings.regions, *settings.leaving_regions),
            "leaving_regions": (),
            "health": settings.health.model_copy(update={"mode": "deep"}),
            "recovery": settings.recovery.model_copy(update={"fail_back": "latched"}),
        }
    )
    if maximal == settings:
        return
    separate_app = App(outdir=app.outdir)
    for node in platform_graph(maximal).nodes:
        if node.what == "entry-point":
            limited = maximal.model_copy(update={"regions": maximal.regions[:MOST_REGIONS]})
            yield node.name, _stack(separate_app, node, limited)
        elif node.is_regional and (
            maximal.health != settings.health or node.region in settings.leaving_regions
        ):
            yield node.name, _stack(separate_app, node, maximal)
