"""The IoT policy attached to device certificates."""

from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.iot_policy import IotPolicy
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.device_policy_name import device_policy_name
from modules.inputs import require
from modules.module import Module
from modules.policy_document import allow, policy_document
from modules.template import escaped

_ACCOUNT_ID_LENGTH = 12
# In Terraform, `$${` is the escape for a literal `${`.
_THING = "$${iot:Connection.Thing.ThingName}"

_SHADOW_REQUESTS = ("get", "update", "delete")


@dataclass(frozen=True, kw_only=True)
class DevicePolicyInputs:
    """The account, and by its context the region, whose broker the policy is for.

    `document` replaces this module's own document; with `is_existing` Terraform imports the policy.
    """

    provider: AwsProvider
    context: Context
    account_id: str
    document: str | None = None
    is_existing: bool = False


@dataclass(frozen=True, kw_only=True)
class DevicePolicyOutputs:
    """The policy's name, the same in every region."""

    name: str


class DevicePolicy(Module):
    """An IoT policy with which a device connects as its own thing and uses its topics and shadows.

    Thing policy variables require a certificate that is attached to the thing, which the condition
    checks. Raises InputError unless the account id has 12 digits. Sources:
    docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html,
    docs.aws.amazon.com/iot/latest/developerguide/pub-sub-policy.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: DevicePolicyInputs) -> None:
        account_id = inputs.account_id
        require(
            account_id.isdecimal() and len(account_id) == _ACCOUNT_ID_LENGTH,
            DevicePolicy,
            "account_id",
            account_id,
            "12 digits",
        )
        super().__init__(scope, id_)
        arn = f"arn:aws:iot:{inputs.context.region}:{account_id}"
        name = device_policy_name(inputs.context)
        policy = self.flat(
            IotPolicy(
                self,
                "device",
                provider=inputs.provider,
                name=name,
                # With IoT's policy variables, which Terraform would read as templates.
                policy=escaped(inputs.document)
                if inputs.document
                else _document(arn, inputs.context.environment),
            ),
            "device",
        )
        if inputs.is_existing:
            self.import_existing(policy, name, inputs.provider)
            # Also of `iot-dr destroy`: devices had it before.
            policy.lifecycle = TerraformResourceLifecycle(prevent_destroy=True)
        self.outputs = DevicePolicyOutputs(name=policy.name)


def _document(arn: str, environment: str) -> str:
    device, things = f"iot-{environment}/{_THING}", f"$aws/things/{_THING}/shadow"
    # Only the request topics: a device must not forge the service's responses and notifications,
    # which have the same prefix.
    shadows = (things, f"{things}/name/*")
    requests = [f"{shadow}/{request}" for shadow in shadows for request in _SHADOW_REQUESTS]
    statements = [
        allow(
            "ConnectAsOwnThing",
            "iot:Connect",
            f"{arn}:client/{_THING}",
            {"Bool": {"iot:Connection.Thing.IsAttached": ["true"]}},
        ),
        allow(
            "PublishOwnTopics",
            "iot:Publish",
            [f"{arn}:topic/{topic}" for topic in (f"{device}/up/*", *requests)],
        ),
        allow(
            "SubscribeOwnTopics",
            "iot:Subscribe",
            [f"{arn}:topicfilter/{device}/down/*", f"{arn}:topicfilter/{things}/*"],
        ),
        allow(
            "ReceiveOwnTopics",
            "iot:Receive",
            [f"{arn}:topic/{device}/down/*", f"{arn}:topic/{things}/*"],
        ),
    ]
    return policy_document(statements)
