"""What a module's next version must be called follows from how its contract changed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.emit.changelog import Version
from iot_dr.emit.contract import REQUIRED, Contract, Output, Validation, Variable
from tests.iot_dr.emit.contract.comparison import KINDS, Kind, change, differences, version_range
from tests.support.contracts import ZONE, contracts

Changed = Callable[[Contract], Contract]

NEW: Final = Variable(name="new", type="string", description="New.")
RULE: Final = Validation(condition="var.domain != 2", error="Give another.")
SAME: Final = ZONE.variables[0].validations[0]


def has(**fields: Any) -> Changed:
    return lambda contract: replace(contract, **fields)


def variable(name: str, /, **fields: Any) -> Changed:
    """Change one variable."""

    def changed(contract: Contract) -> Contract:
        variables = tuple(
            replace(each, **fields) if each.name == name else each for each in contract.variables
        )
        return replace(contract, variables=variables)

    return changed


def output(**fields: Any) -> Changed:
    return lambda contract: replace(contract, outputs=(replace(contract.outputs[0], **fields),))


def also(made: Variable | Output) -> Changed:
    """Add a variable or an output."""
    if isinstance(made, Variable):
        return lambda contract: replace(contract, variables=(made, *contract.variables))
    return lambda contract: replace(contract, outputs=(made, *contract.outputs))


def aws(constraint: str) -> Changed:
    return has(versions={"terraform": ">= 1.9", "aws": constraint})


def terraform(constraint: str) -> Changed:
    return has(versions={"terraform": constraint, "aws": ">= 6.2, < 7.0"})


CASES: Final[list[tuple[Changed, Kind, str]]] = [
    (has(name="area"), "major", "the module is called `area`"),
    (has(variables=ZONE.variables[1:]), "major", "variable `domain` was removed"),
    (variable("domain", name="fqdn"), "major", "required variable `fqdn` was added"),
    (also(NEW), "major", "required variable `new` was added"),
    (also(replace(NEW, default="")), "minor", "optional variable `new` was added"),
    (variable("ttl", default=REQUIRED), "major", "variable `ttl` became required"),
    (variable("domain", default="x"), "minor", "variable `domain` became optional"),
    (variable("ttl", type="any"), "major", "variable `ttl` has another type"),
    (variable("ttl", default=30), "minor", "variable `ttl` has another default"),
    (variable("ttl", default=60.5), "minor", "variable `ttl` has another default"),
    (
        variable("key", default="", nullable=False),
        "major",
        "variable `key` may no longer be null",
    ),
    (variable("ttl", nullable=True), "major", "variable `ttl` may now be null"),
    (variable("domain", nullable=True), "minor", "variable `domain` may now be null"),
    (variable("domain", validations=(RULE,)), "major", "variable `domain` has another rule"),
    (variable("domain", validations=(SAME, RULE)), "major", "variable `domain` has another rule"),
    (variable("domain", validations=()), "minor", "variable `domain` has a rule less"),
    (
        variable("domain", validations=(replace(SAME, error="No."),)),
        "patch",
        "variable `domain` has another message",
    ),
    (variable("ttl", description="s"), "patch", "variable `ttl` has another description"),
    (has(outputs=()), "major", "output `id` was removed"),
    (output(name="zone_id"), "major", "output `id` was removed"),
    (
        also(Output(name="arn", description="", value="1")),
        "minor",
        "output `arn` was added",
    ),
    (output(value="1"), "major", "output `id` has another value"),
    (output(sensitive=True), "major", "output `id` is now sensitive"),
    (output(description="It."), "patch", "output `id` has another description"),
    (has(aliases=()), "major", "provider alias `aws.standby` was removed"),
    (
        has(aliases=("aws.standby", "aws.other")),
        "major",
        "provider alias `aws.other` was added",
    ),
    (
        has(placed={"aws_route53_zone.zone": "aws.standby"}),
        "major",
        "`aws_route53_zone.zone` is of `aws.standby`",
    ),
    (has(providers=("aws.standby",)), "patch", "inherited provider `aws` was removed"),
    (has(providers=("aws", "awscc")), "major", "inherited provider `awscc` was added"),
    (
        has(providers=("aws", "aws.standby", "terraform")),
        "patch",
        "the contract is written in another way",
    ),
    (has(providers=("aws",)), "patch", "the contract is written in another way"),
    (has(resources=()), "major", "resource `aws_route53_zone.zone` was removed"),
    (
        has(resources=("aws_route53_zone.zone", "aws_sns_topic.t")),
        "minor",
        "resource `aws_sns_topic.t` was added",
    ),
    (has(modules=()), "major", "module `module.alarm` was removed"),
    (has(modules=("module.alarm", "module.b")), "minor", "module `module.b` was added"),
    (has(sources={"module.alarm": "./b"}), "major", "`module.alarm` has another source"),
    (has(data_sources=()), "patch", "data source `data.aws_region.this` was removed"),
    (
        has(data_sources=("data.aws_region.this", "data.aws_x.y")),
        "minor",
        "data source `data.aws_x.y` was added",
    ),
    (
        terraform(">= 1.10"),
        "major",
        "terraform must be >= 1.10 instead of >= 1.9",
    ),
    (terraform(">= 1.8"), "minor", "terraform must be >= 1.8"),
    (terraform(">= 1.9, < 2.0"), "major", "terraform must be"),
    (aws(">= 7.0, < 8.0"), "major", "aws must be >= 7.0, < 8.0 instead of >= 6.2, < 7.0"),
    (aws(">= 6.30, < 7.0"), "minor", "aws must be"),
    (aws(">= 6.2"), "minor", "aws must be"),
    (aws(">= 6.2, < 6.9"), "major", "aws must be"),
    (aws("~> 6.2"), "patch", "aws must be"),
    (aws("~> 6.2, != 6.3.1"), "major", "aws must be"),
    (has(versions={"terraform": ">= 1.9"}), "minor", "requirement of `aws` was removed"),
    (
        has(versions={**ZONE.versions, "random": ">= 3.0"}),
        "major",
        "requirement of `random` was added",
    ),
]


@pytest.mark.parametrize(("changed", "kind", "what"), CASES)
def test_a_change_is_of_its_kind_and_reported(changed: Changed, kind: Kind, what: str) -> None:
    result = differences(ZONE, changed(ZONE))
    assert change(ZONE, changed(ZONE)) == kind
    assert any(each.what.startswith(what) and each.kind == kind for each in result)


def test_an_output_that_is_no_longer_secret_breaks_no_call() -> None:
    assert change(output(sensitive=True)(ZONE), ZONE) == "minor"


def test_another_order_is_not_a_change() -> None:
    turned = replace(
        ZONE,
        variables=ZONE.variables[::-1],
        providers=ZONE.providers[::-1],
        versions=dict(reversed(ZONE.versions.items())),
    )
    assert turned != ZONE
    assert change(ZONE, turned) is None


def test_true_is_another_default_than_1() -> None:
    before, after = (also(replace(NEW, default=value))(ZONE) for value in (1, True))
    assert change(before, after) == "minor"


def test_the_worst_difference_is_reported_first() -> None:
    after = variable("ttl", description="s")(also(NEW)(output(name="other")(ZONE)))
    kinds = [each.kind for each in differences(ZONE, after)]
    assert kinds == ["major", "major", "minor", "patch"]


@given(contracts)
def test_a_contract_does_not_differ_from_itself(contract: Contract) -> None:
    assert change(contract, contract) is None


@given(contracts, contracts)
def test_what_only_one_of_two_has_is_a_change_in_both_directions(
    one: Contract, other: Contract
) -> None:
    assert (change(one, other) is None) == (change(other, one) is None)


@given(contracts, st.sampled_from(["variables", "outputs", "resources", "modules", "aliases"]))
def test_taking_away_what_a_call_may_name_is_never_less_than_major(
    before: Contract, field: str
) -> None:
    named = getattr(before, field)
    expected = "major" if named else None
    assert change(before, replace(before, **{field: named[1:]})) == expected


@given(contracts, contracts)
def test_the_kind_of_a_change_is_that_of_its_worst_difference(
    before: Contract, after: Contract
) -> None:
    kinds = {each.kind for each in differences(before, after)}
    assert change(before, after) == next((kind for kind in KINDS if kind in kinds), None)


@given(contracts)
def test_an_optional_variable_more_is_minor(before: Contract) -> None:
    assert change(before, also(replace(NEW, default=None))(before)) == "minor"


@pytest.mark.parametrize(
    ("constraint", "lowest", "below"),
    [
        (">= 1.9", "1.9.0", None),
        ("> 1.9", "1.9.1", None),
        ("<= 6.2.1", "0.0.0", "6.2.2"),
        (">= 6.0, < 7", "6.0.0", "7.0.0"),
        (">=6.0,>=6.1,<8,<7.5", "6.1.0", "7.5.0"),
        ("~> 6", "6.0.0", None),
        ("~> 6.1", "6.1.0", "7.0.0"),
        ("~> 6.1.2", "6.1.2", "6.2.0"),
        ("= 6.1.2", "6.1.2", "6.1.3"),
        ("6.1.2", "6.1.2", "6.1.3"),
    ],
)
def test_a_constraint_is_read_as_terraform_reads_it(
    constraint: str, lowest: str, below: str | None
) -> None:
    made = version_range(constraint)
    assert made.lowest == Version.of(lowest)
    assert made.below == (None if below is None else Version.of(below))


@pytest.mark.parametrize("constraint", ["!= 6.1", ">= 6.0.0-beta1", "", "latest", ">= 6.0,"])
def test_what_is_not_a_range_is_refused(constraint: str) -> None:
    with pytest.raises(ValueError, match="is not a range of versions"):
        version_range(constraint)
