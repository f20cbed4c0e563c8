from pathlib import Path

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from tests.iot_dr.rules.designs import our_settings
from tests.support.settings import settings, with_data
from tools.benchmarks.design_mutants.design import BaseDesign


@pytest.fixture(scope="session")
def schema() -> SchemaCache:
    return SchemaCache.default()


@pytest.fixture(scope="session")
def design(tmp_path_factory: pytest.TempPathFactory) -> BaseDesign:
    """Two regions with deep checks and latched fail-back."""
    folder: Path = tmp_path_factory.mktemp("design") / "out"
    return BaseDesign.synthesized(settings(), folder)


@pytest.fixture(scope="session")
def data_design(tmp_path_factory: pytest.TempPathFactory) -> BaseDesign:
    """Three regions, with device data."""
    folder: Path = tmp_path_factory.mktemp("data-design") / "out"
    return BaseDesign.synthesized(with_data(our_settings(3)), folder)
