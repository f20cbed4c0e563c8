"""The IoT policy of the claim certificates that devices are delivered with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.iot_policy import IotPolicy
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.module import Module
from modules.policy_document import allow, policy_document

_CERTIFICATES: Final = ("$aws/certificates/create", "$aws/certificates/create-from-csr")
_FORMATS: Final = ("json", "cbor")


@dataclass(frozen=True, kw_only=True)
class ClaimPolicyInputs:
    """The policy's name, the template that claims may use, and what must exist before it."""

    provider: AwsProvider
    context: Context
    account_id: str
    name: str
    template: str
    depends_on: Sequence[ITerraformDependable]


@dataclass(frozen=True, kw_only=True)
class ClaimPolicyOutputs:
    """The policy's name, the same in every region."""

    name: str


class ClaimPolicy(Module):
    """An IoT policy that allows requesting a certificate and provisioning by one template.

    Many devices share a claim certificate. Its client ids have a prefix of their own, so that a
    client with a claim certificate cannot take over a device's connection by using its client id.
    Source: docs.aws.amazon.com/iot/latest/developerguide/provision-wo-cert.html ("Provisioning by
    claim").
    """

    def __init__(self, scope: Construct, id_: str, inputs: ClaimPolicyInputs) -> None:
        super().__init__(scope, id_)
        policy = self.flat(
            IotPolicy(
                self,
                "claim",
                provider=inputs.provider,
                name=inputs.name,
                policy=policy_document(list(_statements(inputs))),
                depends_on=list(inputs.depends_on),
            ),
            "claim",
        )
        self.outputs = ClaimPolicyOutputs(name=policy.name)


def _statements(inputs: ClaimPolicyInputs) -> Iterator[dict[str, Any]]:
    context = inputs.context
    arn = f"arn:aws:iot:{context.region}:{inputs.account_id}"
    topics = (*_CERTIFICATES, f"$aws/provisioning-templates/{inputs.template}/provision")
    # Only the request topics: a client must not forge responses, which have the same prefix.
    requests = [f"{topic}/{format_}" for topic in topics for format_ in _FORMATS]
    yield allow("ConnectAsClaim", "iot:Connect", f"{arn}:client/iot-{context.environment}-claim-*")
    yield allow("Ask", "iot:Publish", [f"{arn}:topic/{request}" for request in requests])
    yield allow(
        "HearAnswers", "iot:Subscribe", [f"{arn}:topicfilter/{topic}/*" for topic in topics]
    )
    yield allow("TakeAnswers", "iot:Receive", [f"{arn}:topic/{topic}/*" for topic in topics])
