"""The emitted modules, and Terraform that calls them."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.emitted import Opened, emitted_modules, plain_terraform


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return emitted_modules(tmp_path_factory.mktemp("emitted") / "dist")


@pytest.fixture(scope="module")
def opened() -> Generator[Opened]:
    with plain_terraform() as terraform:
        yield terraform
