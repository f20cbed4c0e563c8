"""How new devices join in a region by themselves."""

from collections.abc import Sequence

from cdktf import ITerraformDependable

from environments.provisioning import FleetProvisioning
from environments.provisioning_files import device_ca
from modules.claim_policy import ClaimPolicy, ClaimPolicyInputs
from modules.device_ca import DeviceCa, DeviceCaInputs
from modules.device_policy_name import device_policy_name
from modules.provisioning_template import ProvisioningTemplate, ProvisioningTemplateInputs
from stacks.base_stack import BaseStack
from stacks.device_data import device_data
from stacks.provisioning_names import claim_policy_name, role_name, template_name


class DeviceProvisioning:
    """A region's template, and what devices meet it by: a claim's policy, or their CA (ADR 0023).

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
            before=self._copiers,
        )
        policy = ClaimPolicy(stack, "claim_policy", inputs).outputs.name
        stack.hand_over("claim_policy_name", policy, "IoT policy for claim certificates")

    def _ca(self, template: str) -> None:
        # Valid or not: of one that stands here already a plan must not fail by the calendar.
        ca = device_ca(self._stack.settings)
        if ca is None:
            return
        inputs = DeviceCaInputs(
            provider=self._aws, pem=ca.pem, id=ca.id, template=template, before=self._copiers
        )
        DeviceCa(self._stack, "device_ca", inputs)
