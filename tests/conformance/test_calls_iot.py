"""The replacement for the parts of AWS IoT that moto does not support."""

import json
from typing import Any

from iot_dr.drill.play.faults import ApiRequest
from tests.conformance.calls_iot import IotAnswers

ANSWERS = IotAnswers("111111111111")


def asked(method: str, path: str, **said: Any) -> Any:
    body = json.dumps(said).encode() if said else b""
    reply = ANSWERS(ApiRequest("iot", "eu-west-1", method, path, {}, body))
    assert reply
    return reply.status, json.loads(reply.body)


def test_a_provisioning_template_is_found_by_its_name_until_it_is_deleted() -> None:
    role = "arn:aws:iam::111111111111:role/provisioning"
    asked("POST", "/provisioning-templates", templateName="join", provisioningRoleArn=role)
    status, described = asked("GET", "/provisioning-templates/join")
    assert (status, described["provisioningRoleArn"]) == (200, role)
    assert described["templateArn"].endswith(":provisioningtemplate/join")
    asked("DELETE", "/provisioning-templates/join")
    assert asked("GET", "/provisioning-templates/join")[0] == 404


def test_a_ca_is_identified_by_the_sha_256_of_its_certificate() -> None:
    pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    _, made = asked("POST", "/cacertificate?setAsActive=true", caCertificate=pem)
    name = made["certificateId"]
    assert name == "709e80c88487a2411e1ee4dfb9f22a861492d20c4765150c0c794abd70f8147c"
    _, described = asked("GET", f"/cacertificate/{name}")
    assert described["certificateDescription"]["certificatePem"] == pem
