"""What keeps a region's device registry in step with the other regions'."""

from constructs import Construct

from environments.settings import Settings
from modules.alarm_topic import region_topic_arn
from modules.function import FunctionOutputs
from modules.local_table import LocalTable, LocalTableInputs
from modules.registry_apply import RegistryApply, RegistryApplyInputs
from modules.registry_calls import RegistryCalls, RegistryCallsInputs
from modules.registry_capture import RegistryCapture
from modules.registry_events import RegistryEvents, RegistryEventsInputs
from modules.registry_function import RegistryInputs
from modules.registry_queues import RegistryQueues, RegistryQueuesInputs, RegistryQueuesOutputs
from modules.registry_reconcile import RegistryReconcile, RegistryReconcileInputs
from modules.registry_trail import RegistryTrail, RegistryTrailInputs, trail_bucket_name
from stacks.base_stack import BaseStack
from stacks.device_data import device_data, registry_table, table_arn
from stacks.device_provisioning import DeviceProvisioning
from stacks.graph import StackNode
from stacks.provisioning_names import device_ca_ids, own_policies


class DeviceRegistryStack(BaseStack):
    """What tells of changes, and the functions that capture, apply and compare (ADR 0022).

    Devices join here too, where the settings say how (ADR 0023): what that takes is left out of
    what the functions copy.

    Of other stacks it knows names alone: the table's, the device policy's, which each region has
    as its own, and that of the topic of the region's alarms. It looks up the table's replica in its
    own region, and so plans with every other region gone. Nothing of it holds up a region that
    leaves: what it has written down is in the table, and its queues tell of what is there anyway.
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings, [node.region])
        self._aws = self.provider(node.region)
        topic_arn = region_topic_arn(self.context, settings.account_id)
        queues = RegistryQueues(
            self,
            "queues",
            RegistryQueuesInputs(
                provider=self._aws,
                context=self.context,
                account_id=settings.account_id,
                topic_arn=topic_arn,
            ),
        ).outputs
        self._sources(queues)
        table = registry_table(self.context)
        registry = RegistryInputs(
            provider=self._aws,
            context=self.context,
            account_id=settings.account_id,
            regions=settings.regions,
            table=table,
            table_arn=table_arn(self.context, settings.account_id, table),
            queues=queues,
            excluded_policies=own_policies(settings, self.context),
            excluded_ca_certificates=device_ca_ids(settings),
            topic_arn=topic_arn,
        )
        functions = self._functions(registry)
        copiers = [before for each in functions.values() for before in each.before]
        DeviceProvisioning(self, node.region, copiers)
        self.hand_over("changes_queue_url", queues.changes.url, "Queue of what may have changed")
        self.hand_over("shadows_queue_url", queues.shadows.url, "Queue of shadows' changes")
        self.hand_over("retry_queue_url", queues.retry.url, "Queue of what is to be applied again")
        self.hand_over("parked_queue_url", queues.parked.url, "Queue of what was given up")
        reconcile = functions["reconcile"].name
        self.hand_over("reconcile_function", reconcile, "Function that compares all, if called")

    def _sources(self, queues: RegistryQueuesOutputs) -> None:
        account_id = self.settings.account_id
        events = RegistryEventsInputs(
            provider=self._aws,
            context=self.context,
            account_id=account_id,
            changes=queues.changes,
            shadows=queues.shadows,
            lost=queues.parked,
        )
        RegistryEvents(self, "events", events)
        prefix = f"{self.settings.state.bucket_prefix}-{self.settings.environment}-"
        trail = RegistryTrailInputs(
            provider=self._aws,
            context=self.context,
            account_id=account_id,
            bucket_name=trail_bucket_name(prefix, self.context.region),
        )
        RegistryTrail(self, "trail", trail)
        calls = RegistryCallsInputs(
            provider=self._aws,
            context=self.context,
            changes=queues.changes,
            lost=queues.parked,
        )
        RegistryCalls(self, "calls", calls)

    def _functions(self, registry: RegistryInputs) -> dict[str, FunctionOutputs]:
        inputs = LocalTableInputs(provider=self._aws, slot="device_registry", name=registry.table)
        stream_arn = LocalTable(self, "table", inputs).outputs.stream_arn
        apply = RegistryApplyInputs(registry=registry, stream_arn=stream_arn)
        hours = device_data(self.settings).reconcile_hours
        reconcile = RegistryReconcileInputs(registry=registry, hours=hours)
        return {
            "capture": RegistryCapture(self, "capture", registry).outputs,
            "apply": RegistryApply(self, "apply", apply).outputs,
            "reconcile": RegistryReconcile(self, "reconcile", reconcile).outputs,
        }
