"""Reads a single plan."""

from iot_dr.review.read.plan_source import PlanSource, StackSource
from iot_dr.review.read.stack_reader import LoadedStack, read_stacks


def read_one(stack: StackSource) -> LoadedStack:
    """Read the plan of a stack."""
    (read,) = read_stacks(PlanSource(environment=None, provider=None, base=None, stacks=(stack,)))
    return read
