from collections.abc import Callable

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from tests.iot_dr.terraform.standin.services.kind import Kind
from tests.iot_dr.terraform.standin.services.resources import ARGUMENTS


@pytest.fixture
def kind(cache: SchemaCache) -> Callable[[str], Kind]:
    """Resource types by name, each with its valid arguments."""
    return lambda type_: Kind(cache, type_, **ARGUMENTS[type_])
