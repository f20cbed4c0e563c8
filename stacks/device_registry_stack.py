"""The stack of a region's device registry: replication, and provisioning of new devices."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from constructs import Construct

from environments.provisioning import FleetProvisioning
from environments.provisioning_files import device_ca
from environments.settings import Settings
from modules.claim_policy import ClaimPolicy, ClaimPolicyInputs
from modules.device_ca import DeviceCa, DeviceCaInputs
from modules.device_policy_name import device_policy_name
from modules.device_registry import DeviceRegistry, DeviceRegistryInputs
from modules.device_table_names import registry_table, table_arn
from modules.monitoring_names import region_topic_arn
from modules.provisioning_template import ProvisioningTemplate, ProvisioningTemplateInputs
from modules.registry_trail import trail_bucket_name
from stacks.base_stack import BaseStack
from stacks.device_data import device_data
from stacks.graph import StackNode
from stacks.provisioning_names import (
    claim_policy_name,
    device_ca_ids,
    own_policies,
    role_name,
    template_name,
)


class DeviceRegistryStack(BaseStack):
    """A region's replication of the device registry, and its device provisioning.

    Provisioning depends on the settings (ADR 0023); its policies and CA certificate are excluded
    from replication. The stack reads no other stack's state: it derives the names of the table, the
    device policy and the alarm topic, and looks up the table's replica in its own region. So it can
    be planned while all other regions are down. A leaving region's queues need not be drained:
    changes are in the table, and queued messages only refer to entities of the region.
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings, [node.region])
        registry = DeviceRegistry(self, self._inputs(node.region)).outputs
        _Provisioning(self, node.region, registry.functions)
        queues = registry.queues
        self.hand_over("changes_queue_url", queues.changes.url, "Queue of what may have changed")
        self.hand_over("shadows_queue_url", queues.shadows.url, "Queue of shadows' changes")
        self.hand_over("retry_queue_url", queues.retry.url, "Queue of what is to be applied again")
        self.hand_over("parked_queue_url", queues.dead_letters.url, "Queue of dead letters")
        self.hand_over(
            "reconcile_function",
            registry.reconcile_function,
            "Function that compares all, if called",
        )

    def _inputs(self, region: str) -> DeviceRegistryInputs:
        settings, context = self.settings, self.context
        data = device_data(settings)
        table = registry_table(context)
        prefix = f"{settings.state.bucket_prefix}-{settings.environment}-"
        return DeviceRegistryInputs(
            provider=self.provider(region),
            context=context,
            account_id=settings.account_id,
            regions=settings.regions,
            table=table,
            table_arn=table_arn(context, settings.account_id, table),
            trail_bucket=trail_bucket_name(prefix, region),
            creates_trail=data.create_trail,
            reconcile_hours=data.reconcile_hours,
            reconcile_rate=data.reconcile_rate,
            parallelization_factor=data.parallelization_factor,
            excluded_policies=own_policies(settings, context),
            excluded_ca_certificates=device_ca_ids(settings),
            copy_reported=data.copy_reported,
            deletion_percent=data.deletion_percent,
            topic_arn=region_topic_arn(context, settings.account_id),
        )


class _Provisioning:
    """A region's provisioning template, with a claim policy or the devices' CA (ADR 0023).

    `functions` replicate the registry. They exclude the policy and CA created here, so they must be
    updated first: otherwise another region would get a copy before its own stack creates its own.
    """

    def __init__(
        self, stack: BaseStack, region: str, functions: Sequence[ITerraformDependable]
    ) -> None:
        self._stack, self._functions = stack, functions
        self._aws = stack.provider(region)
        provisioning = device_data(stack.settings).provisioning
        if provisioning is None:
            return
        is_fleet = isinstance(provisioning, FleetProvisioning)
        inputs = ProvisioningTemplateInputs(
            provider=self._aws,
            context=stack.context,
            account_id=stack.settings.account_id,
            name=template_name(stack.context),
            type="FLEET_PROVISIONING" if is_fleet else "JITP",
            role_name=role_name(stack.context),
            device_policy=device_policy_name(stack.context),
            topic_arn=region_topic_arn(stack.context, stack.settings.account_id),
        )
        template = ProvisioningTemplate(stack, "provisioning", inputs).outputs.name
        stack.hand_over("provisioning_template", template, "Template by which devices join")
        if is_fleet:
            self._claim()
        else:
            self._ca(template)

    def _claim(self) -> None:
        stack = self._stack
        inputs = ClaimPolicyInputs(
            provider=self._aws,
            context=stack.context,
            account_id=stack.settings.account_id,
            name=claim_policy_name(stack.context),
            template=template_name(stack.context),
            depends_on=self._functions,
        )
        policy = ClaimPolicy(stack, "claim_policy", inputs).outputs.name
        stack.hand_over("claim_policy_name", policy, "IoT policy for claim certificates")

    def _ca(self, template: str) -> None:
        # Not checked for expiry: a plan must not fail because a registered CA has expired.
        ca = device_ca(self._stack.settings)
        if ca is None:
            return
        inputs = DeviceCaInputs(
            provider=self._aws, pem=ca.pem, id=ca.id, template=template, depends_on=self._functions
        )
        DeviceCa(self._stack, "device_ca", inputs)
