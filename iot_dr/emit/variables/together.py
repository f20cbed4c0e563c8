"""The rules of settings that two variables of a module answer together."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from environments.blocks import DNS_LABEL_LENGTH
from environments.identifiers import CERTIFICATE_NAME_LENGTH
from environments.regions import LONGEST_REGION
from environments.settings import Settings, State
from iot_dr.emit.contract.variable import Validation, Variable
from iot_dr.emit.variables.rules import refusing


def fitted(variables: Collection[Variable]) -> tuple[Variable, ...]:
    """Give a module's variables with the rules added that two of them answer together.

    A condition about another variable than its own needs Terraform 1.9
    (github.com/hashicorp/terraform/releases/tag/v1.9.0, "Input variable validation rules").
    """
    names = {variable.name for variable in variables}
    return tuple(_fitted(variable, names) for variable in variables)


def _fitted(variable: Variable, names: Collection[str]) -> Variable:
    more = (rule for judged, other, rule in _RULES if judged == variable.name and other in names)
    return replace(variable, validations=(*variable.validations, *more))


def _certificate() -> Validation:
    def name(environment: str, domain: str) -> str:
        zone = Settings.model_construct(environment=environment, domain=domain).zone_name  # pyrefly: ignore[missing-argument] - the others are not read
        return f"*.{zone}"

    most = CERTIFICATE_NAME_LENGTH
    return refusing(
        "domain",
        f"is too long for a certificate; allowed: {most} characters in"
        f" {name('{environment}', '{domain}')}, so make the domain or the environment shorter",
        unless=f'length("{name("${var.environment}", "${var.domain}")}") <= {most}',
    )


def _bucket() -> Validation:
    def name(prefix: str, environment: str) -> str:
        return Settings.model_construct(  # pyrefly: ignore[missing-argument] - the others are not read
            environment=environment,
            regions=(LONGEST_REGION,),
            state=State.model_construct(bucket_prefix=prefix),
        ).state_bucket(LONGEST_REGION)

    # A bucket's name without a dot is one label of DNS.
    most = DNS_LABEL_LENGTH
    return refusing(
        "bucket_prefix",
        f"has too many characters; allowed: {most} in"
        f" {name('{bucket_prefix}', '{environment}')}, which is a bucket's name",
        unless=f'length("{name("${var.bucket_prefix}", "${var.environment}")}") <= {most}',
    )


def _own_region() -> Validation:
    return refusing(
        "regions",
        "lacks this region, which would then neither tell nor take anything; allowed: all regions"
        " of the environment",
        unless="contains(var.regions, var.region)",
    )


_RULES: Final = (
    ("domain", "environment", _certificate()),
    ("bucket_prefix", "environment", _bucket()),
    ("regions", "region", _own_region()),
)
"""The variable that is judged, the other one, and the rule."""
