"""What a region presents and permits to devices, read from synthesized Terraform."""

import json
from collections.abc import Callable

import pytest

from iot_dr.design.device_access import device_certificates, device_policies
from iot_dr.design.notes import Sentences
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.rules.designs import FRANKFURT, IRELAND, Documents, ours, resources

_WEST, _CENTRAL = "eu-west-1", "eu-central-1"
_NAME = "mqtt.iot-dev.example.com"
_DOMAIN, _POLICY = "aws_iot_domain_configuration", "aws_iot_policy"
_TEMPLATE = "aws_iot_provisioning_template"
_TEMPLATE_PROVIDER = {"provider": "aws.eu_central_1", "enabled": True}

Change = Callable[[Documents], object]


def _resources(change: Change) -> ResourceSet:
    documents = ours()
    change(documents)
    return ResourceSet(read_configuration(*each) for each in documents.items())


def _certificates(change: Change = lambda _: None) -> tuple[dict[str, tuple[str, ...]], Sentences]:
    unknown = Sentences()
    return device_certificates(_resources(change), _CENTRAL, unknown), unknown


def _policies(
    change: Change = lambda _: None, region: str = _CENTRAL
) -> tuple[list[str], Sentences]:
    """Return the regions in the ARNs of each policy."""
    unknown = Sentences()
    documents = device_policies(_resources(change), region, _WEST, unknown)
    return [json.loads(each)["Statement"][0]["Resource"] for each in documents], unknown


def _domain(**values: object) -> Change:
    return lambda documents: resources(documents, FRANKFURT, _DOMAIN)["device_name"].update(values)


def _provisioned(*names: object) -> Change:
    """Add a template to the standby that attaches policies."""
    bodies = {
        f"policy{number}": {"Type": "AWS::IoT::Policy", "Properties": {"PolicyName": name}}
        for number, name in enumerate(names)
    }
    template = {**_TEMPLATE_PROVIDER, "template_body": json.dumps({"Resources": bodies})}
    return lambda documents: resources(documents, FRANKFURT, _TEMPLATE).update(join=template)


def _second_policy(stack: str) -> Change:
    def add(documents: Documents) -> None:
        policies = resources(documents, stack, _POLICY)
        policies["claim"] = {**policies["device"], "name": "claim"}

    return add


def _both(one: Change, other: Change) -> Change:
    return lambda documents: (one(documents), other(documents))


def test_a_name_is_served_with_the_names_of_its_certificate() -> None:
    certificates, unknown = _certificates()
    assert certificates[_NAME] == ("*.iot-dev.example.com",)
    assert len(certificates) == 2
    assert unknown.sentences == ()


@pytest.mark.parametrize(
    "values",
    [
        {"status": "DISABLED"},
        {"service_type": "JOBS"},
        {"authentication_type": "AWS_SIGV4"},
        {"authentication_type": "CUSTOM_AUTH_X509"},
        {"application_protocol": "HTTPS"},
        {"application_protocol": "MQTT_WSS"},
        {"domain_name": "other.iot-dev.example.com"},
    ],
)
def test_a_configuration_that_serves_no_device_is_not_presented(values: dict[str, str]) -> None:
    certificates, unknown = _certificates(_domain(**values))
    assert _NAME not in certificates
    assert unknown.sentences == ()


def test_a_certificate_for_other_names_or_of_another_region_is_not_presented() -> None:
    def other_name(documents: Documents) -> None:
        certificate = resources(documents, FRANKFURT, "aws_acm_certificate")["certificate"]
        certificate["domain_name"] = "www.iot-dev.example.com"

    def other_region(documents: Documents) -> None:
        configuration = resources(documents, FRANKFURT, _DOMAIN)["device_name"]
        here = resources(documents, IRELAND, _DOMAIN)["device_name"]
        configuration["server_certificate_arns"] = here["server_certificate_arns"]

    def alternative(documents: Documents) -> None:
        other_name(documents)
        certificate = resources(documents, FRANKFURT, "aws_acm_certificate")["certificate"]
        certificate["subject_alternative_names"] = [_NAME]

    assert _NAME not in _certificates(other_name)[0]
    assert _NAME not in _certificates(other_region)[0]
    certificates, _ = _certificates(alternative)
    assert certificates == {_NAME: ("www.iot-dev.example.com", _NAME)}


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"server_certificate_config": {"enable_ocsp_check": True}}, "server_certificate_config"),
        ({"authorizer_config": {"default_authorizer_name": "x"}}, "authorizer_config"),
        ({"tls_config": {"security_policy": "IoTSecurityPolicy_TLS14"}}, "TLS14 is not known"),
        (
            {"server_certificate_arns": ["${var.certificate_arn}"]},
            "the names of its server certificate are not known",
        ),
    ],
)
def test_what_is_not_understood_of_a_configuration_is_named(
    values: dict[str, object], problem: str
) -> None:
    (sentence,) = _certificates(_domain(**values))[1].sentences
    assert sentence.startswith(f"{FRANKFURT}/{_DOMAIN}.device_name: ")
    assert problem.lower() in sentence.lower()


def test_a_certificate_given_by_its_arn_covers_the_name_as_aws_requires() -> None:
    arns = ["arn:aws:acm:eu-central-1:111111111111:certificate/1"]
    certificates, unknown = _certificates(_domain(server_certificate_arns=arns))
    assert certificates[_NAME] == (_NAME,)
    assert not unknown.sentences


def test_a_device_has_the_policy_of_its_region_by_the_name_in_the_primary() -> None:
    client = "111111111111:client/${iot:Connection.Thing.ThingName}"
    for region in (_WEST, _CENTRAL):
        documents, unknown = _policies(region=region)
        assert documents == [f"arn:aws:iot:{region}:{client}"]
        assert unknown.sentences == ()


def test_a_policy_that_a_region_has_under_another_name_permits_nothing_there() -> None:
    def renamed(documents: Documents) -> None:
        resources(documents, FRANKFURT, _POLICY)["device"]["name"] = "other"

    assert _policies(renamed) == ([], Sentences())


def test_every_policy_of_the_name_that_devices_have_is_read() -> None:
    def twice(documents: Documents) -> None:
        for stack in (IRELAND, FRANKFURT):
            policies = resources(documents, stack, _POLICY)
            policies["again"] = policies["device"]

    documents, unknown = _policies(twice)
    assert len(documents) == 2
    assert not unknown.sentences


def test_a_template_says_which_policy_devices_have() -> None:
    ambiguous, unknown = _policies(_second_policy(IRELAND))
    assert len(ambiguous) == 1
    assert "which IoT policy the devices have is not known" in unknown.sentences[0]
    with_claims = _both(_second_policy(IRELAND), _provisioned("example-dev-device"))
    documents, unknown = _policies(with_claims)
    assert len(documents) == 1
    assert unknown.sentences == ()
    assert _policies(_provisioned("nothing"))[0] == []


def _without_policy(documents: Documents) -> None:
    resources(documents, IRELAND, _POLICY).clear()


def _attached(documents: Documents) -> None:
    attachment = {"provider": "aws.eu_central_1", "policy": "quarantine", "target": "group"}
    resources(documents, FRANKFURT, "aws_iot_policy_attachment")["one"] = attachment


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (_provisioned({"Ref": "Name"}), "the policies that it attaches are not known"),
        (_provisioned(), "the policies that it attaches are not known"),
        (
            _without_policy,
            "which IoT policy the devices have is not known",
        ),
        (
            _attached,
            "aws_iot_policy_attachment.one: whether devices are among its targets is not known",
        ),
    ],
)
def test_a_policy_that_cannot_be_known_is_named(change: Change, problem: str) -> None:
    assert problem in " ".join(_policies(change)[1].sentences)
