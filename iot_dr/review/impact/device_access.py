"""The impact of a change to what device access needs: IoT policies, certificates, domains."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from iot_dr.review.impact.device_dependencies import DOMAIN, DeviceDependencies
from iot_dr.review.impact.device_impact import FORGOTTEN, Impact, Rank
from iot_dr.review.impact.differences import Differences
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.json_value import text

_AUTHORIZER: Final = "authorizer_config[0].default_authorizer_name"
_TLS: Final = "tls_config[0].security_policy"
# The oldest accepted version of TLS is in the policy's name:
# docs.aws.amazon.com/iot/latest/developerguide/transport-security.html
_OLDEST_TLS: Final = re.compile(r"IoTSecurityPolicy_TLS\d+_1_(\d)_\w+")
# docs.aws.amazon.com/iot/latest/apireference/API_CreateDomainConfiguration.html
_LIMITS: Final = {"application_protocol": "protocol", "authentication_type": "authentication"}
_ANY: Final = (None, "DEFAULT")


def _is_authorizer_removed(differences: Differences) -> bool:
    """Whether devices of the configuration's custom authorizer are refused."""
    names = differences.values(_AUTHORIZER)
    return names is not None and names[1] is None


def _refused_devices(differences: Differences) -> Iterator[str]:
    """Yield a clause for each group of devices that could connect and no longer can."""
    names = differences.values(_AUTHORIZER)
    if names and names[1] is None:
        yield f"devices that the custom authorizer {names[0]} accepts are refused"
    before, after = map(_oldest_tls, differences.values(_TLS) or ("", ""))
    if before is not None and after is not None and before < after:
        yield f"devices whose newest version of TLS is 1.{after - 1} or older are refused"
    for argument, what in _LIMITS.items():
        values = differences.values(argument)
        if values and values[1] not in _ANY:
            yield f"devices that use another {what} than {values[1]} are refused"


def _oldest_tls(policy: object) -> int | None:
    result = _OLDEST_TLS.fullmatch(str(policy))
    return int(result[1]) if result else None


# Values with which a resource exists but has no effect.
_OFF: Final = (
    ("status", "DISABLED"),
    ("status", "INACTIVE"),
    ("active", False),
    ("enabled", False),
)
_PERMISSION: Final = "aws_lambda_permission"
_IOT: Final = "iot.amazonaws.com"
_POLICY: Final = "aws_iot_policy"
# The error is DeleteConflict: docs.aws.amazon.com/iot/latest/apireference/API_DeletePolicy.html
_CONFLICT: Final = ", and AWS refuses to delete the old one while a certificate has it"


class _Access(NamedTuple):
    """A resource type: its noun, its naming argument, the arguments that matter, its clauses."""

    noun: str
    naming: str
    rank: Rank
    arguments: frozenset[str]
    changed: str
    gone: str


def is_access(type_: str) -> bool:
    """Whether device access depends on resources of a type."""
    return type_ in ACCESS


def access_impact(
    change: ResourceChange, differences: Differences, dependencies: DeviceDependencies
) -> Impact | None:
    """Return the impact of a change to a resource that device access depends on.

    None for other types, new resources, changes of other arguments, and Lambda permissions for
    principals other than AWS IoT.
    """
    access = ACCESS.get(change.type)
    if access is None or change.action in {None, Action.CREATE}:
        return None
    if _is_other_permission(change, dependencies):
        return None
    if change.action is Action.UPDATE and not differences.arguments & access.arguments:
        return None
    return Impact(
        rank=access.rank,
        verdict=_verdict(change, differences),
        subject=_subject(change, access, dependencies),
        why=_why(access, change.action, differences),
        arguments=access.arguments,
    )


def _is_other_permission(change: ResourceChange, dependencies: DeviceDependencies) -> bool:
    """Whether it is a Lambda permission for a principal other than AWS IoT."""
    if change.type != _PERMISSION:
        return False
    states = dependencies.states((change.stack, change.address))
    return all(values.get("principal") != _IOT for values in states)


def _verdict(change: ResourceChange, differences: Differences) -> Verdict:
    if change.type == DOMAIN:
        # A disabled one refuses connections like a destroyed one, which a rule blocks.
        is_lost = _is_switched_off(differences) or _is_authorizer_removed(differences)
    else:
        is_lost = change.type == _POLICY and change.action is Action.REPLACE
    return Verdict.BLOCK if is_lost else Verdict.WARN


def _subject(change: ResourceChange, access: _Access, dependencies: DeviceDependencies) -> str:
    values = dependencies.values((change.stack, change.address))
    name = text(values.get(access.naming)) or change.name
    if access.rank is Rank.ZONE:
        return f"{access.noun} {name}"
    region = f" in {change.region}" if change.region else ""
    if change.type == DOMAIN and dependencies.names.is_device_name(dns_name(name)):
        return f"the device name's domain configuration{region}"
    return f"{access.noun} {name}{region}"


def _why(access: _Access, action: Action | None, differences: Differences) -> str:
    if action is Action.FORGET:
        return FORGOTTEN.text
    if action is Action.DESTROY:
        return access.gone
    if action is Action.REPLACE and access is ACCESS[_POLICY]:
        return f"{access.gone}: certificates are not attached to the new one{_CONFLICT}"
    if action is Action.REPLACE:
        return f"{access.gone} until the replacement is in place"
    if _is_switched_off(differences):
        return access.gone
    refused = _refused_devices(differences) if access is ACCESS[DOMAIN] else ()
    return "; ".join(refused) or access.changed


def _is_switched_off(differences: Differences) -> bool:
    return any(
        (values := differences.values(argument)) and values[1] == off for argument, off in _OFF
    )


def _row(  # noqa: PLR0913, PLR0917 - a row of the table below
    noun: str, naming: str, arguments: str, changed: str, gone: str, rank: Rank = Rank.ACCESS
) -> _Access:
    return _Access(noun, naming, rank, frozenset(arguments.split()), changed, gone)


# docs.aws.amazon.com/iot/latest/developerguide/iot-authorization.html and
# thing-policy-variables.html: what IoT policies allow, and which of them need a registered or
# attached thing.
ACCESS: Final[Mapping[str, _Access]] = {
    "aws_route53_zone": _row(
        "the zone",
        "name",
        "name force_destroy delegation_set_id vpc",
        "it contains every DNS name of the environment",
        "every DNS name of the environment is deleted with it",
        Rank.ZONE,
    ),
    "aws_iot_domain_configuration": _row(
        "the domain configuration of",
        "domain_name",
        "name domain_name status tls_config authorizer_config application_protocol"
        " authentication_type server_certificate_arns server_certificate_config service_type"
        " validation_certificate_arn",
        "connection settings change for devices that use this name",
        "devices cannot connect through this name",
        Rank.STATEFUL,
    ),
    "aws_acm_certificate": _row(
        "the certificate of",
        "domain_name",
        "domain_name subject_alternative_names key_algorithm validation_method options"
        " certificate_body certificate_chain private_key certificate_authority_arn",
        "AWS IoT serves the names of its region with it",
        "AWS IoT can no longer serve the names of its region with it",
        Rank.STATEFUL,
    ),
    "aws_iot_policy": _row(
        "the IoT policy",
        "name",
        "name policy",
        "every device that has it loses what it no longer allows",
        "every device that has it loses what it allows",
    ),
    "aws_iot_policy_attachment": _row(
        "the attachment of the IoT policy",
        "policy",
        "policy target",
        "it applies to another device or another policy",
        "the device loses what the policy allows",
    ),
    "aws_iot_thing_principal_attachment": _row(
        "the attachment of a certificate to the thing",
        "thing",
        "thing principal",
        "it applies to another device or another certificate",
        "policies that require an attached thing deny the device",
    ),
    "aws_iot_certificate": _row(
        "the device certificate",
        "arn",
        "active certificate_pem ca_pem csr",
        "AWS IoT rejects a certificate that is not active",
        "AWS IoT rejects the device that uses it",
    ),
    "aws_iot_ca_certificate": _row(
        "the CA certificate of devices",
        "arn",
        "active allow_auto_registration ca_certificate_pem registration_config certificate_mode",
        "registration changes for devices whose certificates it signed",
        "devices whose certificates it signed can no longer be registered",
    ),
    "aws_iot_authorizer": _row(
        "the authorizer",
        "name",
        "name authorizer_function_arn status signing_disabled token_signing_public_keys"
        " token_key_name",
        "it may authorize devices differently",
        "devices that it authorizes cannot connect",
    ),
    "aws_iot_role_alias": _row(
        "the role alias",
        "alias",
        "alias role_arn credential_duration",
        "devices get credentials of another role or for another duration",
        "devices get no credentials through it",
    ),
    "aws_iot_provisioning_template": _row(
        "the provisioning template",
        "name",
        "name enabled template_body provisioning_role_arn pre_provisioning_hook",
        "the registration of new devices changes",
        "new devices cannot be registered with it",
    ),
    "aws_iot_topic_rule": _row(
        "the topic rule",
        "name",
        "name enabled sql sql_version",
        "it may forward other messages, or none",
        "the messages that it forwards are lost",
    ),
    "aws_iot_thing": _row(
        "the thing",
        "name",
        "name attributes thing_type_name",
        "policies that use its attributes may allow the device something else",
        "policies that require a registered thing deny the device, and its shadow is deleted",
    ),
    "aws_iot_thing_group_membership": _row(
        "the group membership of the thing",
        "thing_name",
        "thing_name thing_group_name override_dynamic_group",
        "it applies to another device or another group",
        "the device loses what the group's policies allow",
    ),
    "aws_lambda_permission": _row(
        "the permission of AWS IoT to invoke",
        "function_name",
        "action function_name principal qualifier source_account source_arn",
        "AWS IoT may invoke another function, or for another source",
        "AWS IoT cannot invoke it, and its authorizer, topic rule or device registration fails",
    ),
}
