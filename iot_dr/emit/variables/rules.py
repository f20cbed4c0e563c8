"""Rules of settings as validations of variables."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any, Final, Literal, cast, get_args, get_origin

from pydantic.fields import FieldInfo

from environments.blocks import DNS_LABEL_LENGTH
from environments.fields import Text, WholeNumber
from environments.identifiers import CERTIFICATE_NAME_LENGTH
from environments.regions import LONGEST_REGION
from environments.settings import Settings, State
from iot_dr.emit.contract import Validation, Variable
from iot_dr.emit.variables.pattern import conditions, literal

REGIONS_VALUE: Final = "local.iot_regions"
"""The local value with the regions that have IoT Core."""

LISTED_REGIONS: Final = f'${{join(", ", {REGIONS_VALUE})}}'
"""The same, as a template of text."""


def validation(name: str, problem: str, *, unless: str) -> Validation:
    """Return a validation with the condition `unless`.

    `problem` completes the error "The value of NAME ...", such as `is out of range`.
    """
    return Validation(condition=unless, error=f"The value of {name} {problem}.")


def unless_null(name: str, rules: Iterable[Validation]) -> tuple[Validation, ...]:
    """Return rules that accept null, for a nullable variable."""
    # Not with ||: Terraform evaluates its right side too, and null has no length.
    return tuple(
        replace(rule, condition=f"var.{name} == null ? true : {rule.condition}") for rule in rules
    )


def field_rules(name: str, field: FieldInfo) -> Iterator[Validation]:
    """Yield the validations that accept exactly the values of a settings field.

    Raises ValueError for a pattern that Terraform does not support.
    """
    if get_origin(field.annotation) is Literal:
        yield _one_of(name, get_args(field.annotation))
    for rule in field.metadata:
        if isinstance(rule, Text):
            yield from _text(name, rule)
        elif isinstance(rule, WholeNumber):
            yield from _whole(name, rule)


def region_rules(name: str) -> Iterator[Validation]:
    """Yield the validation of a region with IoT Core."""
    condition = f"contains({REGIONS_VALUE}, var.{name})"
    yield validation(
        name, f"is not a region with IoT Core; expected {LISTED_REGIONS}", unless=condition
    )


def region_list_rules(name: str, field: FieldInfo) -> Iterator[Validation]:
    """Yield the validations of a list of regions with the limits in the JSON schema of `field`."""
    schema = cast("dict[str, Any]", field.json_schema_extra)
    fewest, most = schema["minItems"], schema["maxItems"]
    expected = f"expected {fewest} to {most} different regions"
    count = f"length(var.{name})"
    yield validation(
        name,
        f"is a list of another length; {expected}",
        unless=f"{count} >= {fewest} && {count} <= {most}",
    )
    yield validation(
        name, f"has a region twice; {expected}", unless=f"length(distinct(var.{name})) == {count}"
    )
    # With a null in the list `contains` fails, while `can(index(...))` is false.
    condition = f"alltrue([for region in var.{name} : can(index({REGIONS_VALUE}, region))])"
    yield validation(
        name, f"has a region without IoT Core; expected {LISTED_REGIONS}", unless=condition
    )


def _one_of(name: str, values: tuple[str | int, ...]) -> Validation:
    *first, last = map(str, values)
    allowed = f"{', '.join(first)} or {last}"
    return validation(
        name,
        f"is not allowed; expected {allowed}",
        unless=f"contains({literal(values)}, var.{name})",
    )


def _text(name: str, rule: Text) -> Iterator[Validation]:
    yield validation(
        name,
        f"has more than {rule.longest} characters; expected {rule.rule}",
        unless=f"length(var.{name}) <= {rule.longest}",
    )
    yield validation(
        name,
        f"is not allowed; expected {rule.rule}",
        unless=" && ".join(conditions(rule.pattern, f"var.{name}")),
    )


def _whole(name: str, rule: WholeNumber) -> Iterator[Validation]:
    expected = f"expected {rule.lowest} to {rule.highest} {rule.unit}"
    value = f"var.{name}"
    yield validation(
        name, f"is not a whole number; {expected}", unless=f"floor({value}) == {value}"
    )
    yield validation(
        name,
        f"is out of range; {expected}",
        unless=f"{value} >= {rule.lowest} && {value} <= {rule.highest}",
    )


def with_cross_rules(variables: Collection[Variable]) -> tuple[Variable, ...]:
    """Return a module's variables with the rules that involve two of them.

    Conditions that refer to another variable need Terraform 1.9
    (github.com/hashicorp/terraform/releases/tag/v1.9.0, "Input variable validation rules").
    """
    names = {variable.name for variable in variables}
    return tuple(_fitted(variable, names) for variable in variables)


def _fitted(variable: Variable, names: Collection[str]) -> Variable:
    more = (
        rule for judged, required, rule in _RULES if judged == variable.name and required in names
    )
    if variable.name == "domain" and "zone_name" in names:
        # The zone has a name of its own, with a rule of its own.
        more = [replace(r, condition=f"var.zone_name != null ? true : {r.condition}") for r in more]
    own = unless_null(variable.name, more) if variable.nullable else more
    return replace(variable, validations=(*variable.validations, *own))


def _certificate() -> Validation:
    def name(environment: str, domain: str) -> str:
        zone = Settings.model_construct(environment=environment, domain=domain).zone_name  # pyrefly: ignore[missing-argument] - the others are not read
        return f"*.{zone}"

    most = CERTIFICATE_NAME_LENGTH
    return validation(
        "domain",
        f"is too long for a certificate; expected {most} characters in"
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

    # A bucket's name without a dot is one DNS label.
    most = DNS_LABEL_LENGTH
    return validation(
        "bucket_prefix",
        f"has too many characters; expected {most} in"
        f" {name('{bucket_prefix}', '{environment}')}, which is a bucket's name",
        unless=f'length("{name("${var.bucket_prefix}", "${var.environment}")}") <= {most}',
    )


def _own_region() -> Validation:
    return validation(
        "regions",
        "lacks this region, which would then neither send nor apply changes; expected all regions"
        " of the environment",
        unless="contains(var.regions, var.region)",
    )


_RULES: Final = (
    ("domain", "environment", _certificate()),
    ("bucket_prefix", "environment", _bucket()),
    ("regions", "region", _own_region()),
)
"""The validated variable, the other one that must exist, and the rule."""
