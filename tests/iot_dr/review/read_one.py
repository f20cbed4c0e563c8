"""Reads one plan alone."""

from iot_dr.review.read.plan_source import PlanSource, StackSource
from iot_dr.review.read.reading import ReadStack, read_all


def read_one(stack: StackSource) -> ReadStack:
    """Read the plan of a stack."""
    (read,) = read_all(PlanSource(environment=None, provider=None, base=None, stacks=(stack,)))
    return read
