"""The runbook on a device's first connection: a claim certificate and its copy to a region."""

import json
from collections.abc import Iterator
from typing import Any, cast

import boto3
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from moto import mock_aws

from functions.registry.access import RegistryAccess
from functions.registry.entity import Entity, Kind
from tests.scenarios.support.aws_command import asked
from tests.support.runbook import Walk
from tests.support.settings import FLEET, settings
from tests.support.synthesis import Synthesis

DEV = settings(data={"provisioning": FLEET})
WEST, CENTRAL = DEV.regions


@pytest.fixture
def account() -> Iterator[None]:
    with mock_aws(config={"iot": {"use_valid_cert": True}}):
        yield


def iot(region: str) -> Any:
    return cast("Any", boto3).client("iot", region)


def request() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    built = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def called(line: str, **instead: str) -> dict[str, Any]:
    """Call the operation of a line of the page, with values for its placeholders and files."""
    service, operation, options = asked(line)
    assert service == "iot"
    client = iot(options.pop("region"))
    given = {name: instead.get(name.replace("-", "_"), text) for name, text in options.items()}
    members = client.meta.service_model.operation_model(
        client.meta.method_to_api_mapping[operation.replace("-", "_")]
    ).input_shape.members
    names = {name.lower(): name for name in members}
    values = {
        names[name.replace("-", "")]: (True if text == "" else text) for name, text in given.items()
    }
    return getattr(client, operation.replace("-", "_"))(**values)


@pytest.mark.runbook("first-connection.md")
def test_a_claim_certificate_has_its_policy_in_every_region(
    walk: Walk, synthesis: Synthesis, account: None
) -> None:
    assert account is None
    for region in DEV.regions:
        stack = synthesis(DEV)[f"iot-dev-device-registry-{region}"]
        (policy,) = stack.resources("aws_iot_policy").values()
        iot(region).create_policy(policyName=policy["name"], policyDocument=policy["policy"])

    made = called(walk.next("aws iot create-").text, certificate_signing_request=request())
    arn = made["certificateArn"]
    called(walk.next("aws iot attach-policy").text, target=arn)

    claim = Entity(Kind.CERTIFICATE, made["certificateId"])
    access = {
        region: RegistryAccess(iot(region), None, region, "123456789012") for region in DEV.regions
    }
    access[CENTRAL].write(claim, access[WEST].read(claim))

    line = walk.next("aws iot describe-certificate").text
    result = called(line, certificate_id=claim.name)["certificateDescription"]
    assert result["status"] == "ACTIVE"
    there = result["certificateArn"]
    (attached,) = called(walk.next("aws iot list-attached-policies").text, target=there)["policies"]
    results = iot(CENTRAL).get_policy(policyName=attached["policyName"])["policyDocument"]
    assert f":{CENTRAL}:" in json.dumps(results)
    assert f":{WEST}:" not in json.dumps(results)
