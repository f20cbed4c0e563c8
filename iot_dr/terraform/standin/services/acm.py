"""ACM: certificates, and the records that validate them."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import arn, both, each_member, length, matches, one_of
from iot_dr.terraform.standin.identity import Origin, fresh_uuid, stable
from iot_dr.terraform.standin.values import UNKNOWN, Value, has_unknown

_domain = both(length(1, 253), matches(r".*[^.]", "a name without a period at its end"))


_IMPORTED = ("certificate_body", "certificate_chain", "private_key")
_TOKEN = ("resource_record_name", "resource_record_type", "resource_record_value")


def _names(values: Mapping[str, Value]) -> list[str]:
    """Return the names of a certificate; empty if it is imported or its names are unknown."""
    first, others = values.get("domain_name"), values.get("subject_alternative_names")
    is_imported = any(values.get(name) is not None for name in _IMPORTED)
    if is_imported or not isinstance(first, str) or has_unknown(others):
        return []
    return sorted({first, *(others or [])})


def _is_validated_by_dns(values: Mapping[str, Value]) -> bool:
    return values.get("validation_method") == "DNS"


def _planned(values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    """Return the names to validate already at plan, so that `for_each` can iterate over them."""
    names = _names(values)
    if not names:
        return {}
    options = [{"domain_name": name, **dict.fromkeys(_TOKEN, UNKNOWN)} for name in names]
    known = {"domain_validation_options": options} if _is_validated_by_dns(values) else {}
    return {"subject_alternative_names": names, **known}


def _option(name: str, account: str) -> Mapping[str, str]:
    """Return the validation record of a name.

    It is the same in every region, and `*.x` has that of `x`:
    docs.aws.amazon.com/acm/latest/userguide/dns-validation.html.
    """
    base = name.removeprefix("*.")
    owner, target = stable(32, account, base, "owner"), stable(32, account, base, "target")
    value = f"_{target}.{stable(10, base)}.acm-validations.aws."
    record = (f"_{owner}.{base}.", "CNAME", value)
    return {"domain_name": name, **dict(zip(_TOKEN, record, strict=True))}


def _created(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    certificate_arn = origin.arn("acm", f"certificate/{fresh_uuid()}")
    names = _names(values)
    to_validate = names if _is_validated_by_dns(values) else []
    return {
        "id": certificate_arn,
        "arn": certificate_arn,
        "subject_alternative_names": names,
        "domain_validation_options": [_option(name, origin.account) for name in to_validate],
    }


def _looked_up(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    digits = stable(32, origin.account, origin.region, str(values.get("domain")))
    certificate_arn = origin.arn("acm", f"certificate/{digits}")
    return {"id": certificate_arn, "arn": certificate_arn, "status": "ISSUED"}


RESOURCES: Mapping[str, Behaviour] = {
    "aws_acm_certificate": Behaviour(
        source="provider documentation, acm_certificate; AWS Certificate Manager: DNS validation",
        replace=(
            "certificate_authority_arn",
            "domain_name",
            "key_algorithm",
            "subject_alternative_names",
            "validation_method",
            "validation_option",
        ),
        defaults={"options.certificate_transparency_logging_preference": "ENABLED"},
        defaults_from_aws={
            "key_algorithm": "RSA_2048",
            "not_after": "",
            "not_before": "",
            "options.export": "DISABLED",
            "renewal_eligibility": "INELIGIBLE",
            "status": "PENDING_VALIDATION",
            "type": "AMAZON_ISSUED",
            "validation_method": "NONE",
        },
        checks={
            "certificate_authority_arn": arn,
            "domain_name": _domain,
            "key_algorithm": one_of(
                *("RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096"),
                *("EC_prime256v1", "EC_secp384r1", "EC_secp521r1"),
            ),
            "options.certificate_transparency_logging_preference": one_of("ENABLED", "DISABLED"),
            "options.export": one_of("ENABLED", "DISABLED"),
            "subject_alternative_names": each_member(_domain),
            "validation_method": one_of("EMAIL", "DNS", "HTTP"),
        },
        conflicts=(
            ("validation_method", "certificate_authority_arn"),
            *(
                (requested, imported)
                for requested in ("domain_name", "subject_alternative_names", "validation_method")
                for imported in ("certificate_body", "certificate_chain")
            ),
        ),
        exactly_one=(("domain_name", "private_key"),),
        together={"certificate_body": ("private_key",)},
        sensitive=("private_key",),
        filled_blocks=("options",),
        planned=_planned,
        computed_on_apply=_created,
    ),
    "aws_acm_certificate_validation": Behaviour(
        source="provider documentation, acm_certificate_validation",
        replace=("certificate_arn", "validation_record_fqdns"),
        checks={"certificate_arn": arn},
        # The provider's id is the time of issue.
        defaults_from_aws={"id": "1970-01-01 00:00:00 +0000 UTC"},
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {
    "aws_acm_certificate": Behaviour(
        source="provider documentation, data acm_certificate", computed_on_apply=_looked_up
    ),
}
