"""Stacks that iot-dr synthesizes, among others."""

from iot_dr.design.expectation import DesignExpectation


def is_our_stack(stack: str, expected: DesignExpectation | None) -> bool:
    """Whether a stack, by name, is one of the environment of the settings."""
    return expected is not None and stack.startswith(f"iot-{expected.environment}-")
