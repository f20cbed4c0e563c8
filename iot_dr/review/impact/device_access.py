"""What a change means to what lets devices in: policies, certificates, domain configurations."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from iot_dr.review.impact.dependence import DOMAIN, Dependence
from iot_dr.review.impact.device_impact import FORGOTTEN, Impact, Rank
from iot_dr.review.impact.differences import Differences
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.json_value import text

# What makes a resource stand there without effect.
_OFF: Final = (
    ("status", "DISABLED"),
    ("status", "INACTIVE"),
    ("active", False),
    ("enabled", False),
)
_PERMISSION: Final = "aws_lambda_permission"
_IOT: Final = "iot.amazonaws.com"


class _Access(NamedTuple):
    """A type of resource: what it is called, by which argument, what matters of it, and why."""

    noun: str
    naming: str
    rank: Rank
    heads: frozenset[str]
    changed: str
    gone: str


def is_access(type_: str) -> bool:
    """Whether a type of resource lets devices in, or serves their names."""
    return type_ in ACCESS


def access_impact(
    change: ResourceChange, differences: Differences, world: Dependence
) -> Impact | None:
    """Describe what lets devices in, or serves their names; None for anything else."""
    known = ACCESS.get(change.type)
    if known is None or change.action in {None, Action.CREATE} or _is_others(change, world):
        return None
    if change.action is Action.UPDATE and not differences.heads & known.heads:
        return None
    return Impact(
        rank=known.rank,
        verdict=_verdict(change, differences),
        subject=_subject(change, known, world),
        why=_why(known, change.action, differences),
        heads=known.heads,
    )


def _is_others(change: ResourceChange, world: Dependence) -> bool:
    """Whether it lets somebody else call a function, and not AWS IoT."""
    if change.type != _PERMISSION:
        return False
    states = world.states((change.stack, change.address))
    return all(each.get("principal") != _IOT for each in states)


def _verdict(change: ResourceChange, differences: Differences) -> Verdict:
    # Disabled, it serves as little as one that is destroyed, which a rule blocks.
    is_lost = change.type == DOMAIN and _is_off(differences)
    return Verdict.BLOCK if is_lost else Verdict.WARN


def _subject(change: ResourceChange, known: _Access, world: Dependence) -> str:
    values = world.values((change.stack, change.address))
    name = text(values.get(known.naming)) or change.name
    if known.rank is Rank.ZONE:
        return f"{known.noun} {name}"
    if change.type == DOMAIN and world.names.is_device_name(dns_name(name)):
        return f"the device name's domain configuration{_place(change)}"
    return f"{known.noun} {name}{_place(change)}"


def _place(change: ResourceChange) -> str:
    return f" in {change.region}" if change.region else ""


def _why(known: _Access, action: Action | None, differences: Differences) -> str:
    if action is Action.FORGET:
        return FORGOTTEN.text
    if action is Action.DESTROY:
        return known.gone
    if action is Action.REPLACE:
        return f"{known.gone} until the new one serves"
    return known.gone if _is_off(differences) else known.changed


def _is_off(differences: Differences) -> bool:
    return any(
        (values := differences.values(argument)) and values[1] == off for argument, off in _OFF
    )


def _row(  # noqa: PLR0913, PLR0917 - a row of the table below
    noun: str, naming: str, heads: str, changed: str, gone: str, rank: Rank = Rank.ACCESS
) -> _Access:
    return _Access(noun, naming, rank, frozenset(heads.split()), changed, gone)


ACCESS: Final[Mapping[str, _Access]] = {
    "aws_route53_zone": _row(
        "the zone",
        "name",
        "name force_destroy delegation_set_id vpc",
        "every name of the environment is in it",
        "every name of the environment goes with it",
        Rank.ZONE,
    ),
    "aws_iot_domain_configuration": _row(
        "the domain configuration of",
        "domain_name",
        "name domain_name status tls_config authorizer_config application_protocol"
        " authentication_type server_certificate_arns server_certificate_config service_type"
        " validation_certificate_arn",
        "devices that connect by this name meet other terms",
        "devices cannot connect by this name",
        Rank.STATEFUL,
    ),
    "aws_acm_certificate": _row(
        "the certificate of",
        "domain_name",
        "domain_name subject_alternative_names key_algorithm validation_method options"
        " certificate_body certificate_chain private_key certificate_authority_arn",
        "the names of its region are served with it",
        "the names of its region cannot be served with it any more",
        Rank.STATEFUL,
    ),
    "aws_iot_policy": _row(
        "the IoT policy",
        "name",
        "name policy",
        "what it does not allow any more is refused to every device that has it",
        "what it allows is refused to every device that has it",
    ),
    "aws_iot_policy_attachment": _row(
        "the attachment of the IoT policy",
        "policy",
        "policy target",
        "another device, or another policy, is meant",
        "the device loses what the policy allows",
    ),
    "aws_iot_thing_principal_attachment": _row(
        "the attachment of a certificate to the thing",
        "thing",
        "thing principal",
        "another device, or another certificate, is meant",
        "policies that ask for an attached thing refuse the device",
    ),
    "aws_iot_certificate": _row(
        "the device certificate",
        "arn",
        "active certificate_pem ca_pem csr",
        "a certificate that is not active is refused",
        "the device that has it is refused",
    ),
    "aws_iot_ca_certificate": _row(
        "the CA certificate of devices",
        "arn",
        "active allow_auto_registration ca_certificate_pem registration_config certificate_mode",
        "devices whose certificates it signed are registered by other terms",
        "devices whose certificates it signed can no longer be registered",
    ),
    "aws_iot_authorizer": _row(
        "the authorizer",
        "name",
        "name authorizer_function_arn status signing_disabled token_signing_public_keys"
        " token_key_name",
        "it decides about devices by other terms",
        "devices that connect by it are refused",
    ),
    "aws_iot_role_alias": _row(
        "the role alias",
        "alias",
        "alias role_arn credential_duration",
        "devices get credentials of another role, or for another time",
        "devices get no credentials by it",
    ),
    "aws_iot_provisioning_template": _row(
        "the provisioning template",
        "name",
        "name enabled template_body provisioning_role_arn pre_provisioning_hook",
        "new devices are registered by other terms",
        "new devices cannot be registered by it",
    ),
    "aws_iot_topic_rule": _row(
        "the topic rule",
        "name",
        "name enabled sql sql_version",
        "other messages go on, or none",
        "the messages that it hands on go nowhere",
    ),
    "aws_iot_thing": _row(
        "the thing",
        "name",
        "name attributes thing_type_name",
        "policies that ask for what is said of it allow it something else",
        "policies that ask for a registered thing refuse the device, and its shadow goes with it",
    ),
    "aws_iot_thing_group_membership": _row(
        "the group membership of the thing",
        "thing_name",
        "thing_name thing_group_name override_dynamic_group",
        "another device, or another group, is meant",
        "the device loses what the policies of the group allow",
    ),
    "aws_lambda_permission": _row(
        "IoT's permission to call",
        "function_name",
        "action function_name principal qualifier source_account source_arn",
        "IoT calls another function, or from elsewhere",
        "what IoT called it for fails: an authorizer, a topic rule, the registration of devices",
    ),
}
