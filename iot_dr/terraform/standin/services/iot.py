"""AWS IoT Core: endpoints, policies, rules, events, provisioning templates and CAs."""

import ssl
from collections.abc import Mapping
from hashlib import sha256

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import (
    arn,
    both,
    each_member,
    json_document,
    length,
    matches,
    one_of,
)
from iot_dr.terraform.standin.identity import Origin, fresh, fresh_uuid, stable
from iot_dr.terraform.standin.normal import json_text
from iot_dr.terraform.standin.values import Value
from iot_dr.terraform_json.defaults import PLANNED

_EVENTS = (
    *("CA_CERTIFICATE", "CERTIFICATE", "JOB", "JOB_EXECUTION", "POLICY", "THING"),
    *("THING_GROUP", "THING_GROUP_HIERARCHY", "THING_GROUP_MEMBERSHIP", "THING_TYPE"),
    "THING_TYPE_ASSOCIATION",
)
_template = both(length(1, 36), matches(r"[0-9A-Za-z_-]+", "letters, digits and _ -"))
_HOSTS = {
    "iot:Data-ATS": "-ats.iot",
    "iot:Data": ".iot",
    "iot:CredentialProvider": ".credentials.iot",
    "iot:Jobs": ".jobs.iot",
}


def endpoint(kind: str, origin: Origin) -> str:
    """Return the host of an endpoint type; the same for each call with an account and region."""
    prefix = f"a{stable(13, origin.account, origin.region)}"
    return f"{prefix}{_HOSTS[kind]}.{origin.region}.amazonaws.com"


def _endpoint(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    host = endpoint(values.get("endpoint_type") or "iot:Data", origin)
    return {"id": host, "endpoint_address": host}


def _domain_configuration(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    name = values["name"]
    is_own = isinstance(values.get("domain_name"), str)
    return {
        "id": name,
        "arn": origin.arn("iot", f"domainconfiguration/{name}/{fresh(5)}"),
        "domain_name": endpoint("iot:Data-ATS", origin),
        "domain_type": "CUSTOMER_MANAGED" if is_own else "AWS_MANAGED",
    }


def _policy(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    return {"id": values["name"], "arn": origin.arn("iot", f"policy/{values['name']}")}


def _topic_rule(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    return {"id": values["name"], "arn": origin.arn("iot", f"rule/{values['name']}")}


def _provisioning_template(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    name = values["name"]
    return {"id": name, "arn": origin.arn("iot", f"provisioningtemplate/{name}")}


def _ca_certificate(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    # The id is the SHA-256 of the certificate, the same in every region.
    identifier = sha256(_der(str(values["ca_certificate_pem"]))).hexdigest()
    return {
        "id": identifier,
        "arn": origin.arn("iot", f"cacert/{identifier}"),
        "generation_id": fresh_uuid(),
    }


def _der(pem: str) -> bytes:
    try:
        return ssl.PEM_cert_to_DER_cert(pem)
    except ValueError:
        return pem.encode()


def _event_configurations(_values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    return {"id": origin.region}


def _events_later(_values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    # hashicorp/terraform-provider-aws issue 35420: AWS returns all kinds, configured or not.
    return {f"event_configurations.{kind}": False for kind in _EVENTS}


RESOURCES: Mapping[str, Behaviour] = {
    "aws_iot_domain_configuration": Behaviour(
        source="provider documentation, iot_domain_configuration; "
        "IoT API: CreateDomainConfiguration; IoT developer guide: TLS settings",
        replace=(
            *("domain_name", "name", "server_certificate_arns", "service_type"),
            "validation_certificate_arn",
        ),
        defaults=PLANNED["aws_iot_domain_configuration"],
        defaults_from_aws={
            "application_protocol": "DEFAULT",
            "authentication_type": "DEFAULT",
            "tls_config.security_policy": "IoTSecurityPolicy_TLS12_1_2_2022_10",
        },
        checks={
            "application_protocol": one_of("SECURE_MQTT", "MQTT_WSS", "HTTPS", "DEFAULT"),
            "authentication_type": one_of(
                *("CUSTOM_AUTH_X509", "CUSTOM_AUTH", "AWS_X509", "AWS_SIGV4", "DEFAULT")
            ),
            "domain_name": length(1, 253),
            "name": matches(r"[\w.:-]{1,128}", "1 to 128 letters, digits and _ . : -"),
            "server_certificate_arns": each_member(arn),
            "service_type": one_of("DATA", "CREDENTIAL_PROVIDER", "JOBS"),
            "status": one_of("ENABLED", "DISABLED"),
            "tls_config.security_policy": one_of(
                "IoTSecurityPolicy_TLS13_1_3_2022_10",
                "IoTSecurityPolicy_TLS13_1_2_2022_10",
                "IoTSecurityPolicy_TLS12_1_2_2022_10",
                "IoTSecurityPolicy_TLS12_1_0_2016_01",
                "IoTSecurityPolicy_TLS12_1_0_2015_01",
            ),
            "validation_certificate_arn": arn,
        },
        computed_on_apply=_domain_configuration,
    ),
    "aws_iot_policy": Behaviour(
        source="provider documentation, iot_policy; IoT API: CreatePolicy",
        replace=("name",),
        defaults_from_aws={"default_version_id": "1"},
        checks={
            "name": both(
                length(1, 128), matches(r"[\w+=,.@-]+", "letters, digits and + = , . @ -")
            ),
            "policy": json_document,
        },
        normal={"policy": json_text},
        computed_on_apply=_policy,
    ),
    "aws_iot_topic_rule": Behaviour(
        source="provider documentation, iot_topic_rule; IoT API: CreateTopicRule",
        replace=("name",),
        checks={
            "error_action.kinesis.role_arn": arn,
            "error_action.sqs.role_arn": arn,
            "kinesis.role_arn": arn,
            "name": both(length(1, 128), matches(r"\w+", "letters, digits and _")),
            "sql_version": one_of("2015-10-08", "2016-03-23", "beta"),
            "sqs.role_arn": arn,
        },
        computed_on_apply=_topic_rule,
    ),
    "aws_iot_event_configurations": Behaviour(
        source="provider documentation, iot_event_configurations; "
        "IoT API: UpdateEventConfigurations",
        checks={"event_configurations": each_member(one_of(*_EVENTS))},
        computed_on_apply=_event_configurations,
        computed_later=_events_later,
    ),
    "aws_iot_provisioning_template": Behaviour(
        source="provider documentation, iot_provisioning_template; "
        "IoT API: CreateProvisioningTemplate",
        replace=("name", "type"),
        defaults={"enabled": False, "pre_provisioning_hook.payload_version": "2020-04-01"},
        defaults_from_aws={"default_version_id": 1, "type": "FLEET_PROVISIONING"},
        checks={
            "description": length(0, 500),
            "name": _template,
            "pre_provisioning_hook.payload_version": one_of("2020-04-01"),
            "pre_provisioning_hook.target_arn": arn,
            "provisioning_role_arn": arn,
            "template_body": both(json_document, length(0, 10_240)),
            "type": one_of("FLEET_PROVISIONING", "JITP"),
        },
        computed_on_apply=_provisioning_template,
    ),
    "aws_iot_ca_certificate": Behaviour(
        source="provider documentation, iot_ca_certificate; IoT API: RegisterCACertificate",
        replace=("ca_certificate_pem", "certificate_mode", "verification_certificate_pem"),
        defaults={"certificate_mode": "DEFAULT"},
        defaults_from_aws={"customer_version": 1},
        checks={
            "certificate_mode": one_of("DEFAULT", "SNI_ONLY"),
            "registration_config.role_arn": arn,
            "registration_config.template_body": length(0, 10_240),
            "registration_config.template_name": _template,
        },
        sensitive=("ca_certificate_pem", "verification_certificate_pem"),
        computed_on_apply=_ca_certificate,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {
    "aws_iot_endpoint": Behaviour(
        source="provider documentation, data iot_endpoint",
        checks={"endpoint_type": one_of(*_HOSTS)},
        computed_on_apply=_endpoint,
    ),
}
