"""Stacks that iot-dr synthesizes, among others."""

from iot_dr.design.expectation import DesignExpectation
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.stack_names import is_stack_of


def is_our_stack(stack: str, expected: DesignExpectation | None) -> bool:
    """Whether a stack, by name, is one of the environment of the settings."""
    return expected is not None and is_stack_of(expected.environment, stack)


def if_whole(
    resources: ResourceSet, expected: DesignExpectation | None
) -> DesignExpectation | None:
    """Return the expectation if every stack of the environment was passed, else None."""
    names = {stack.cdktf_name or stack.name for stack in resources.stacks}
    return expected if expected and expected.waves.keys() <= names else None
