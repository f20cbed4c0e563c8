"""botocore's descriptions of AWS's services."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from typing import cast

from botocore.loaders import create_loader
from pytest import MonkeyPatch  # noqa: PT013 - its only name here


@contextmanager
def models_read_once() -> Generator[None]:
    """Make botocore read the descriptions of AWS's services once, not once per session."""
    loader = cache(cast("Callable[..., object]", create_loader))
    with MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", loader)
        yield
