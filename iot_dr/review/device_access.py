"""What a change means to what lets devices in: policies, certificates, domain configurations."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from iot_dr.resources.dns_name import dns_name
from iot_dr.resources.json_value import text
from iot_dr.review.dependence import DOMAIN, Dependence
from iot_dr.review.differences import Differences
from iot_dr.review.resource_change import ResourceChange
from iot_dr.review.told import FORGOTTEN, Rank, Told
from iot_dr.rules.rule import Verdict
from iot_dr.terraform.change import Action

# What makes a resource stand there without effect.
_OFF: Final = (
    ("status", "DISABLED"),
    ("status", "INACTIVE"),
    ("active", False),
    ("enabled", False),
)


class _Access(NamedTuple):
    """A type of resource: what it is called, by which argument, what matters of it, and why."""

    noun: str
    naming: str
    rank: Rank
    heads: frozenset[str]
    changed: str
    gone: str


def _access(  # noqa: PLR0913, PLR0917 - a row of the table below
    noun: str, naming: str, heads: str, changed: str, gone: str, rank: Rank = Rank.ACCESS
) -> _Access:
    return _Access(noun, naming, rank, frozenset(heads.split()), changed, gone)


_TYPES: Final[Mapping[str, _Access]] = {
    "aws_route53_zone": _access(
        "the zone",
        "name",
        "name force_destroy delegation_set_id vpc",
        "every name of the environment is in it",
        "every name of the environment goes with it",
        Rank.ZONE,
    ),
    "aws_iot_domain_configuration": _access(
        "the domain configuration of",
        "domain_name",
        "name domain_name status tls_config authorizer_config application_protocol"
        " authentication_type server_certificate_arns service_type",
        "devices that connect by this name meet other terms",
        "devices cannot connect by this name",
        Rank.STATEFUL,
    ),
    "aws_acm_certificate": _access(
        "the certificate of",
        "domain_name",
        "domain_name subject_alternative_names key_algorithm validation_method options",
        "the names of its region are served with it",
        "the names of its region cannot be served with it any more",
        Rank.STATEFUL,
    ),
    "aws_iot_policy": _access(
        "the IoT policy",
        "name",
        "name policy",
        "what it does not allow any more is refused to every device that has it",
        "what it allows is refused to every device that has it",
    ),
    "aws_iot_policy_attachment": _access(
        "the attachment of the IoT policy",
        "policy",
        "policy target",
        "another device, or another policy, is meant",
        "the device loses what the policy allows",
    ),
    "aws_iot_thing_principal_attachment": _access(
        "the attachment of a certificate to the thing",
        "thing",
        "thing principal",
        "another device, or another certificate, is meant",
        "policies that ask for an attached thing refuse the device",
    ),
    "aws_iot_certificate": _access(
        "the device certificate",
        "arn",
        "active certificate_pem ca_pem csr",
        "a certificate that is not active is refused",
        "the device that has it is refused",
    ),
    "aws_iot_ca_certificate": _access(
        "the CA certificate of devices",
        "arn",
        "active allow_auto_registration ca_certificate_pem registration_config certificate_mode",
        "devices whose certificates it signed are registered by other terms",
        "devices whose certificates it signed can no longer be registered",
    ),
    "aws_iot_authorizer": _access(
        "the authorizer",
        "name",
        "name authorizer_function_arn status signing_disabled token_signing_public_keys"
        " token_key_name",
        "it decides about devices by other terms",
        "devices that connect by it are refused",
    ),
    "aws_iot_role_alias": _access(
        "the role alias",
        "alias",
        "alias role_arn credential_duration",
        "devices get credentials of another role, or for another time",
        "devices get no credentials by it",
    ),
    "aws_iot_provisioning_template": _access(
        "the provisioning template",
        "name",
        "name enabled template_body provisioning_role_arn pre_provisioning_hook",
        "new devices are registered by other terms",
        "new devices cannot be registered by it",
    ),
    "aws_iot_topic_rule": _access(
        "the topic rule",
        "name",
        "name enabled sql sql_version",
        "other messages go on, or none",
        "the messages that it hands on go nowhere",
    ),
}


def is_access(type_: str) -> bool:
    """Tell whether a type of resource lets devices in, or serves their names."""
    return type_ in _TYPES


def told_of_access(
    change: ResourceChange, differences: Differences, world: Dependence
) -> Told | None:
    """Tell of what lets devices in, or serves their names; None for anything else."""
    known = _TYPES.get(change.type)
    if known is None or change.action in {None, Action.CREATE}:
        return None
    if change.action is Action.UPDATE and not differences.heads & known.heads:
        return None
    return Told(
        rank=known.rank,
        verdict=Verdict.WARN,
        subject=_subject(change, known, world),
        why=_why(known, change.action, differences),
        heads=known.heads,
    )


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
    is_off = any(
        (values := differences.values(argument)) and values[1] == off for argument, off in _OFF
    )
    return known.gone if is_off else known.changed
