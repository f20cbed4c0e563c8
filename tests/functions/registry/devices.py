"""What a device has: a certificate, and a policy that lets it connect."""

import json
from collections.abc import Callable

from tests.functions.authority import Authority
from tests.functions.registry.aws import ACCOUNT
from tests.functions.registry.pair import Side

Register = Callable[[str], tuple[str, str]]


def registers(side: Side, authority: Authority) -> Register:
    """What registers a device's certificate in a region; it gives its id and its ARN there."""

    def registered(name: str) -> tuple[str, str]:
        text = authority.issue(name).read_text()
        pem = text[text.index("-----BEGIN CERTIFICATE") :]
        answer = side.iot.register_certificate_without_ca(certificatePem=pem, status="ACTIVE")
        return answer["certificateId"], answer["certificateArn"]

    return registered


def policy_document(region: str, *clients: str) -> str:
    """Return a document that lets clients connect to a region."""
    allowed = {
        "Effect": "Allow",
        "Action": "iot:Connect",
        "Resource": [f"arn:aws:iot:{region}:{ACCOUNT}:client/{name}" for name in clients],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
