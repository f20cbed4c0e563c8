"""What keeps a region's device registry in step with the others, and how new devices join."""

from collections.abc import Sequence

from cdktf import ITerraformDependable
from constructs import Construct

from environments.provisioning import FleetProvisioning
from environments.provisioning_files import device_ca
from environments.settings import Settings
from modules.alarm_topic import region_topic_arn
from modules.claim_policy import ClaimPolicy, ClaimPolicyInputs
from modules.device_ca import DeviceCa, DeviceCaInputs
from modules.device_policy_name import device_policy_name
from modules.device_registry import DeviceRegistry, DeviceRegistryInputs
from modules.device_table_names import registry_table, table_arn
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
    """The region's part of the registry that all regions hold.

    Devices join here too, where the settings say how (ADR 0023): what that takes is left out of
    what the functions copy.

    Of other stacks it knows names alone: the table's, the device policy's, which each region has
    as its own, and that of the topic of the region's alarms. It looks up the table's replica in its
    own region, and so plans with every other region gone. Nothing of it holds up a region that
    leaves: what it has written down is in the table, and its queues tell of what is there anyway.
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings, [node.region])
        registry = DeviceRegistry(self, self._inputs(node.region)).outputs
        _Provisioning(self, node.region, registry.functions)
        queues = registry.queues
        self.hand_over("changes_queue_url", queues.changes.url, "Queue of what may have changed")
        self.hand_over("shadows_queue_url", queues.shadows.url, "Queue of shadows' changes")
        self.hand_over("retry_queue_url", queues.retry.url, "Queue of what is to be applied again")
        self.hand_over("parked_queue_url", queues.parked.url, "Queue of what was given up")
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
            reconcile_hours=data.reconcile_hours,
            parallelization_factor=data.parallelization_factor,
            excluded_policies=own_policies(settings, context),
            excluded_ca_certificates=device_ca_ids(settings),
            copy_reported=data.copy_reported,
            topic_arn=region_topic_arn(context, settings.account_id),
        )


class _Provisioning:
    """A region's provisioning template, with a claim's policy or the devices' CA (ADR 0023).

    `copiers` are the functions that copy the registry: they must leave out what is made here before
    it is there, or another region would have it before its own stack makes it.
    """

    def __init__(
        self, stack: BaseStack, region: str, copiers: Sequence[ITerraformDependable]
    ) -> None:
        self._stack, self._copiers = stack, copiers
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
            depends_on=self._copiers,
        )
        policy = ClaimPolicy(stack, "claim_policy", inputs).outputs.name
        stack.hand_over("claim_policy_name", policy, "IoT policy for claim certificates")

    def _ca(self, template: str) -> None:
        # Valid or not: of one that stands here already a plan must not fail by the calendar.
        ca = device_ca(self._stack.settings)
        if ca is None:
            return
        inputs = DeviceCaInputs(
            provider=self._aws, pem=ca.pem, id=ca.id, template=template, depends_on=self._copiers
        )
        DeviceCa(self._stack, "device_ca", inputs)
