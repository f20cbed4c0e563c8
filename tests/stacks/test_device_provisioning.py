"""How new devices join in a region by themselves: template, role, and what they come with."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from environments.errors import SettingsError
from environments.provisioning_files import read
from environments.settings import Settings
from tests.support.iam import fits
from tests.support.settings import FLEET, JUST_IN_TIME, REGIONS, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

REGION, ACCOUNT = "eu-central-1", "111111111111"
ARN = f"arn:aws:iot:{REGION}:{ACCOUNT}"
WAYS = {"fleet": FLEET, "just-in-time": JUST_IN_TIME}
CA = read(Path(__file__).parents[1] / "support" / "device_ca.pem")
COPIERS = [f"aws_lambda_function.registry_{what}" for what in ("capture", "apply", "reconcile")]


def joining(how: str, region: str, synthesis: Synthesis) -> Template:
    platform = settings(regions=list(REGIONS[:3]), data={"provisioning": WAYS[how]})
    return synthesis(platform)[f"iot-dev-device-registry-{region}"]


@pytest.fixture
def fleet(synthesis: Synthesis) -> Template:
    return joining("fleet", REGION, synthesis)


@pytest.fixture
def just_in_time(synthesis: Synthesis) -> Template:
    return joining("just-in-time", REGION, synthesis)


def template(stack: Template) -> dict[str, Any]:
    (result,) = stack.resources("aws_iot_provisioning_template").values()
    return result


def body(stack: Template) -> Mapping[str, Any]:
    return json.loads(template(stack)["template_body"])


def claim(stack: Template) -> dict[str, list[str]]:
    (policy,) = stack.resources("aws_iot_policy").values()
    statements = json.loads(policy["policy"])["Statement"]
    assert {each["Effect"] for each in statements} == {"Allow"}
    return {
        statement["Action"]: resources if isinstance(resources, list) else [resources]
        for statement in statements
        for resources in [statement["Resource"]]
    }


def environment(stack: Template, what: str) -> dict[str, str]:
    return stack.resources("aws_lambda_function")[f"registry_{what}"]["environment"]["variables"]


@pytest.mark.parametrize("how", WAYS)
def test_a_device_that_joins_in_a_standby_gets_what_it_gets_in_the_primary(
    how: str, synthesis: Synthesis
) -> None:
    primary, *standbys = (joining(how, region, synthesis) for region in REGIONS[:3])
    for standby in standbys:
        assert body(standby) == body(primary)
        for key in ("name", "type", "enabled"):
            assert template(standby)[key] == template(primary)[key]
    assert template(primary)["enabled"] is True


@pytest.mark.parametrize(
    ("how", "type_", "parameter"),
    [
        ("fleet", "FLEET_PROVISIONING", "SerialNumber"),
        ("just-in-time", "JITP", "AWS::IoT::Certificate::CommonName"),
    ],
)
def test_a_device_gets_a_thing_and_the_environment_s_policy_and_its_certificate_is_let_in(
    how: str, type_: str, parameter: str, synthesis: Synthesis
) -> None:
    stack = joining(how, REGION, synthesis)
    assert template(stack)["type"] == type_
    resources, parameters = body(stack)["Resources"], body(stack)["Parameters"]
    assert set(parameters) == {parameter, "AWS::IoT::Certificate::Id"}
    assert resources["thing"]["Properties"] == {"ThingName": {"Ref": parameter}}
    # One that is there already was copied from another region, with all that is said of it there.
    assert set(resources["thing"]["OverrideSettings"].values()) == {"DO_NOTHING"}
    certificate = resources["certificate"]["Properties"]
    assert certificate == {
        "CertificateId": {"Ref": "AWS::IoT::Certificate::Id"},
        "Status": "ACTIVE",
    }
    platform = settings(regions=list(REGIONS[:3]), data={"provisioning": WAYS[how]})
    (device,) = synthesis(platform)[f"iot-dev-iot-{REGION}"].resources("aws_iot_policy").values()
    assert resources["policy"]["Properties"] == {"PolicyName": device["name"]}


@pytest.mark.parametrize("how", WAYS)
def test_the_template_s_role_makes_things_and_lets_certificates_in_and_makes_nothing_else(
    how: str, synthesis: Synthesis
) -> None:
    stack = joining(how, REGION, synthesis)
    role = stack.resources("aws_iam_role")["provisioning"]
    assert template(stack)["provisioning_role_arn"] == "${aws_iam_role.provisioning.arn}"
    assert template(stack)["depends_on"] == ["aws_iam_role_policy.provisioning"]
    (trust,) = json.loads(role["assume_role_policy"])["Statement"]
    assert trust["Principal"] == {"Service": "iot.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"{ARN}:*"},
    }
    policy = json.loads(stack.resources("aws_iam_role_policy")["provisioning"]["policy"])
    actions = {action for each in policy["Statement"] for action in each["Action"]}
    makes = {each for each in actions if re.match("iot:(Create|Register|Delete|Detach)", each)}
    assert makes == {"iot:CreateThing", "iot:RegisterThing"}
    for statement in policy["Statement"]:
        if statement["Resource"] == "*":
            assert statement["Condition"] == {"StringEquals": {"aws:RequestedRegion": REGION}}
        else:
            assert statement["Resource"].startswith(f"{ARN}:")


@pytest.mark.parametrize(
    ("how", "metrics"),
    [
        ("fleet", ["RegisterThingFailed"]),
        ("just-in-time", ["ProvisionThing.ClientError", "ProvisionThing.ServerError"]),
    ],
)
def test_an_alarm_notifies_of_devices_that_cannot_join(
    how: str, metrics: list[str], synthesis: Synthesis
) -> None:
    stack = joining(how, REGION, synthesis)
    alarms = stack.resources("aws_cloudwatch_metric_alarm")
    failed = [each for each in alarms.values() if each.get("namespace") == "AWS/IoT"]
    assert sorted(each["metric_name"] for each in failed) == metrics
    for alarm in failed:
        name = "${aws_iot_provisioning_template.provisioning.name}"
        assert alarm["dimensions"] == {"TemplateName": name}
        assert alarm["alarm_actions"] == [f"arn:aws:sns:{REGION}:{ACCOUNT}:example-dev-alarms"]
        assert (alarm["statistic"], alarm["threshold"]) == ("Sum", 1)


def test_a_claim_connects_by_ids_of_its_own_and_asks_for_nothing_but_to_be_provisioned(
    fleet: Template,
) -> None:
    allowed = claim(fleet)
    assert set(allowed) == {"iot:Connect", "iot:Publish", "iot:Receive", "iot:Subscribe"}
    assert allowed["iot:Connect"] == [f"{ARN}:client/iot-dev-claim-*"]
    own = f"$aws/provisioning-templates/{template(fleet)['name']}/provision"
    asks = ("$aws/certificates/create", "$aws/certificates/create-from-csr", own)
    assert allowed["iot:Publish"] == [
        f"{ARN}:topic/{ask}/{format_}" for ask in asks for format_ in ("json", "cbor")
    ]
    assert allowed["iot:Receive"] == [f"{ARN}:topic/{ask}/*" for ask in asks]
    assert allowed["iot:Subscribe"] == [f"{ARN}:topicfilter/{ask}/*" for ask in asks]


@pytest.mark.parametrize("end", ["accepted", "rejected"])
def test_a_claim_forges_no_answer_and_touches_no_device(fleet: Template, end: str) -> None:
    allowed = claim(fleet)
    for topic in (f"$aws/certificates/create/json/{end}", "iot-dev/sensor-1/up/x", "other"):
        assert not any(fits(each, f"{ARN}:topic/{topic}") for each in allowed["iot:Publish"])
    assert not any(fits(each, f"{ARN}:client/sensor-1") for each in allowed["iot:Connect"])


def test_the_ca_is_registered_without_a_proof_and_takes_its_devices_in_by_the_template(
    just_in_time: Template,
) -> None:
    (ca,) = just_in_time.resources("aws_iot_ca_certificate").values()
    assert (ca["certificate_mode"], ca["active"]) == ("SNI_ONLY", True)
    assert ca["allow_auto_registration"] is True
    assert ca["ca_certificate_pem"] == CA.pem
    assert "verification_certificate_pem" not in ca
    name = "${aws_iot_provisioning_template.provisioning.name}"
    assert ca["registration_config"] == {"template_name": name}
    (wrong_id,) = ca["lifecycle"]["postcondition"]
    assert wrong_id["condition"] == f'${{self.id == "{CA.id}"}}'


def test_what_terraform_makes_in_each_region_is_copied_by_no_function(
    fleet: Template, just_in_time: Template
) -> None:
    (policy,) = fleet.resources("aws_iot_policy").values()
    device = "example-dev-device"
    for what in ("capture", "apply", "reconcile"):
        by_claim, by_ca = environment(fleet, what), environment(just_in_time, what)
        assert by_claim["REGISTRY_EXCLUDED_POLICIES"] == f"{device},{policy['name']}"
        assert by_claim["REGISTRY_EXCLUDED_CA_CERTIFICATES"] == ""
        assert by_ca["REGISTRY_EXCLUDED_POLICIES"] == device
        assert by_ca["REGISTRY_EXCLUDED_CA_CERTIFICATES"] == CA.id


def test_it_is_made_once_the_functions_leave_it_out(
    fleet: Template, just_in_time: Template
) -> None:
    (policy,) = fleet.resources("aws_iot_policy").values()
    (ca,) = just_in_time.resources("aws_iot_ca_certificate").values()
    assert policy["depends_on"] == ca["depends_on"] == COPIERS


def test_the_function_that_applies_may_change_neither(
    fleet: Template, just_in_time: Template
) -> None:
    def denied(stack: Template) -> dict[str, set[str]]:
        policy = stack.resources("aws_iam_role_policy")["registry_apply"]["policy"]
        statements = json.loads(policy)["Statement"]
        denies = [each for each in statements if each["Effect"] == "Deny"]
        return {each: set(found["Action"]) for found in denies for each in found["Resource"]}

    assert "iot:DeletePolicy" in denied(fleet)[f"{ARN}:policy/example-dev-claim"]
    changes = {"iot:DeleteCACertificate", "iot:UpdateCACertificate"}
    assert denied(just_in_time)[f"{ARN}:cacert/{CA.id}"] == changes


def test_operators_are_reported_the_names(fleet: Template, just_in_time: Template) -> None:
    for stack in (fleet, just_in_time):
        name = "${aws_iot_provisioning_template.provisioning.name}"
        assert stack.outputs["provisioning_template"] == name
    assert fleet.outputs["claim_policy_name"] == "${aws_iot_policy.claim.name}"
    assert "claim_policy_name" not in just_in_time.outputs


def test_without_the_setting_nothing_of_it_is_made(synthesis: Synthesis) -> None:
    stack = synthesis(settings(data={}))[f"iot-dev-device-registry-{REGION}"]
    types = {block.type for block in stack.blocks()}
    assert not types & {
        *("aws_iot_provisioning_template", "aws_iot_ca_certificate", "aws_iot_policy"),
    }
    assert "provisioning" not in stack.resources("aws_iam_role")


def test_the_longest_names_fit_a_template(synthesis: Synthesis) -> None:
    platform = settings(project="p" * 20, environment="e" * 12, data={"provisioning": FLEET})
    stack = synthesis(platform)[f"iot-{'e' * 12}-device-registry-{REGION}"]
    assert re.fullmatch(r"[0-9A-Za-z_-]{1,36}", template(stack)["name"])


def test_a_file_that_is_no_longer_there_stops_synthesis_in_words(synthesis: Synthesis) -> None:
    gone = {**JUST_IN_TIME, "ca_certificate": "tests/support/gone.pem"}
    platform: Settings = settings(data={"provisioning": gone})
    with pytest.raises(SettingsError, match=r"gone\.pem' cannot be read"):
        synthesis(platform)


def test_a_ca_that_has_expired_since_holds_up_no_plan(synthesis: Synthesis) -> None:
    expired = {**JUST_IN_TIME, "ca_certificate": "tests/support/expired_device_ca.pem"}
    stacks = synthesis(settings(data={"provisioning": expired}))
    (ca,) = stacks[f"iot-dev-device-registry-{REGION}"].resources("aws_iot_ca_certificate").values()
    assert ca["active"] is True
