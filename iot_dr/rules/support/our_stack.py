"""Stacks that iot-dr synthesizes, among others."""

from environments.settings import Settings


def is_our_stack(stack: str, settings: Settings | None) -> bool:
    """Whether a stack, by name, is one of the environment of the settings."""
    return settings is not None and stack.startswith(f"iot-{settings.environment}-")
