"""The impact of changes to access resources, argument by argument."""

from typing import Final

import pytest

from iot_dr.review.impact.device_access import ACCESS
from iot_dr.review.impact.review import DeviceChange
from iot_dr.rules.rule import Verdict
from tests.iot_dr.review.fleet_plan import (
    DOMAIN,
    FLEET,
    Json,
    device_changes,
    plan,
    reviewed,
    with_entry,
)

BLOCK, WARN = Verdict.BLOCK, Verdict.WARN
# Repeated here, so that no argument is lost from the table of the product.
MATTERING: Final = {
    "aws_route53_zone": "delegation_set_id force_destroy name vpc",
    "aws_iot_domain_configuration": (
        "application_protocol authentication_type authorizer_config domain_name name"
        " server_certificate_arns server_certificate_config service_type status tls_config"
        " validation_certificate_arn"
    ),
    "aws_acm_certificate": (
        "certificate_authority_arn certificate_body certificate_chain domain_name"
        " key_algorithm options private_key subject_alternative_names validation_method"
    ),
    "aws_iot_policy": "name policy",
    "aws_iot_policy_attachment": "policy target",
    "aws_iot_thing_principal_attachment": "principal thing",
    "aws_iot_certificate": "active ca_pem certificate_pem csr",
    "aws_iot_ca_certificate": (
        "active allow_auto_registration ca_certificate_pem certificate_mode registration_config"
    ),
    "aws_iot_authorizer": (
        "authorizer_function_arn name signing_disabled status token_key_name"
        " token_signing_public_keys"
    ),
    "aws_iot_role_alias": "alias credential_duration role_arn",
    "aws_iot_provisioning_template": (
        "enabled name pre_provisioning_hook provisioning_role_arn template_body"
    ),
    "aws_iot_topic_rule": "enabled name sql sql_version",
    "aws_iot_thing": "attributes name thing_type_name",
    "aws_iot_thing_group_membership": "override_dynamic_group thing_group_name thing_name",
    "aws_lambda_permission": "action function_name principal qualifier source_account source_arn",
}
# Their clause names the devices that are refused.
LIMITING: Final = {"application_protocol", "authentication_type"}
# Only permissions of AWS IoT count.
IOT: Json = {"id": "x", "principal": "iot.amazonaws.com"}


def updated(type_: str, before: Json, after: Json) -> tuple[DeviceChange, ...]:
    change: Json = {"actions": ["update"], "before": IOT | before, "after": IOT | after}
    return device_changes(with_entry(plan({}), f"{type_}.it", change))


@pytest.mark.parametrize(
    ("type_", "argument"),
    [(type_, each) for type_, arguments in MATTERING.items() for each in arguments.split()],
)
def test_each_relevant_argument_is_reported_when_it_differs(type_: str, argument: str) -> None:
    (device_change,) = updated(type_, {argument: IOT.get(argument, "a")}, {argument: "b"})
    assert device_change.verdict is WARN
    assert device_change.why == ACCESS[type_].changed or argument in LIMITING
    assert [each.path for each in device_change.attributes] == [argument]


@pytest.mark.parametrize("type_", MATTERING)
def test_the_loss_of_each_access_type_is_reported(type_: str) -> None:
    change: Json = {"actions": ["delete"], "before": IOT, "after": None}
    (device_change,) = device_changes(with_entry(plan({}), f"{type_}.it", change))
    assert device_change.subject.startswith(ACCESS[type_].noun)
    assert device_change.verdict in {WARN, BLOCK}


@pytest.mark.parametrize(
    ("type_", "argument", "on", "off"),
    [
        ("aws_iot_authorizer", "status", "ACTIVE", "INACTIVE"),
        ("aws_iot_certificate", "active", True, False),
        ("aws_iot_ca_certificate", "active", True, False),
        ("aws_iot_provisioning_template", "enabled", True, False),
        ("aws_iot_topic_rule", "enabled", True, False),
    ],
)
def test_switching_off_is_reported_like_a_loss_and_switching_on_is_not(
    type_: str, argument: str, on: object, off: object
) -> None:
    (device_change,) = updated(type_, {argument: on}, {argument: off})
    assert device_change.why == ACCESS[type_].gone
    (device_change,) = updated(type_, {argument: off}, {argument: on})
    assert device_change.why == ACCESS[type_].changed


def test_a_disabled_domain_configuration_blocks() -> None:
    result = reviewed(plan({DOMAIN: {"status": "DISABLED"}}))
    assert (result.verdict, result.reason) == (
        BLOCK,
        (
            "the plan changes the device name's domain configuration in eu-west-1: devices"
            " cannot connect through this name"
        ),
    )
    off = {**FLEET, DOMAIN: {**FLEET[DOMAIN], "status": "DISABLED"}}
    (device_change,) = device_changes(plan({DOMAIN: {"status": "ENABLED"}}, standing=off))
    assert device_change.verdict is WARN


def test_a_permission_for_another_service_is_ignored() -> None:
    before = {**IOT, "principal": "events.amazonaws.com"}
    change: Json = {"actions": ["delete"], "before": before, "after": None}
    assert device_changes(with_entry(plan({}), "aws_lambda_permission.it", change)) == ()


OLD, NEW = "IoTSecurityPolicy_TLS12_1_0_2016_01", "IoTSecurityPolicy_TLS13_1_2_2022_10"
LATEST = "IoTSecurityPolicy_TLS13_1_3_2022_10"


def tls(policy: str) -> Json:
    return {"tls_config": [{"security_policy": policy}]}


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (tls(OLD), tls(NEW), "devices whose newest version of TLS is 1.1 or older are refused"),
        (tls(NEW), tls(LATEST), "devices whose newest version of TLS is 1.2 or older are refused"),
        (tls(LATEST), tls(NEW), ACCESS["aws_iot_domain_configuration"].changed),
        (tls(OLD), tls("Other"), ACCESS["aws_iot_domain_configuration"].changed),
        (tls("Other"), tls(NEW), ACCESS["aws_iot_domain_configuration"].changed),
        (
            {"application_protocol": "DEFAULT"},
            {"application_protocol": "SECURE_MQTT"},
            "devices that use another protocol than SECURE_MQTT are refused",
        ),
        (
            {"authentication_type": "AWS_X509"},
            {"authentication_type": "DEFAULT"},
            ACCESS["aws_iot_domain_configuration"].changed,
        ),
    ],
)
def test_a_domain_configuration_s_impact_names_the_devices_that_it_refuses(
    before: Json, after: Json, why: str
) -> None:
    (device_change,) = updated("aws_iot_domain_configuration", before, after)
    assert (device_change.verdict, device_change.why) == (WARN, why)


def test_the_removal_of_a_custom_authorizer_blocks() -> None:
    config: Json = {"authorizer_config": [{"default_authorizer_name": "legacy"}]}
    none: Json = {"authorizer_config": []}
    (device_change,) = updated("aws_iot_domain_configuration", config, none)
    why = "devices that the custom authorizer legacy accepts are refused"
    assert (device_change.verdict, device_change.why) == (BLOCK, why)
    (added,) = updated("aws_iot_domain_configuration", none, config)
    assert added.verdict is WARN


def test_the_replacement_of_a_policy_blocks() -> None:
    names: list[Json] = [{"name": "a"}, {"name": "b"}]
    change: Json = {
        "actions": ["delete", "create"],
        "before": names[0],
        "after": names[1],
        "replace_paths": [["name"]],
    }
    (device_change,) = device_changes(with_entry(plan({}), "aws_iot_policy.it", change))
    assert device_change.verdict is BLOCK
    assert "certificates are not attached to the new one, and AWS refuses" in device_change.why
