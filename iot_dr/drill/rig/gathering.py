"""Waiting for several parts of a rig, and the errors of a group."""

import asyncio
from collections.abc import Awaitable, Iterable, Iterator
from typing import TypeVar, cast

Part = TypeVar("Part")


async def together(work: Iterable[Awaitable[Part]]) -> list[Part]:
    """Return the results in order; an error is raised only once all have ended."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for error in results:
        if isinstance(error, BaseException):
            raise error
    return [result for result in results if not isinstance(result, BaseException)]


def leaves(error: BaseException) -> Iterator[str]:
    """Yield the errors in an exception group, as text."""
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        for child in group.exceptions:
            yield from leaves(child)
    else:
        yield f"{type(error).__name__}: {error}"
