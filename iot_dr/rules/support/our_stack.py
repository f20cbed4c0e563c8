"""Stacks that iot-dr synthesizes, among others."""

from iot_dr.design.expectation import DesignExpectation
from modules.stack_names import is_stack_of


def is_our_stack(stack: str, expected: DesignExpectation | None) -> bool:
    """Whether a stack, by name, is one of the environment of the settings."""
    return expected is not None and is_stack_of(expected.environment, stack)
