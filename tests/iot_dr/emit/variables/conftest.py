from collections.abc import Iterator

import pytest

from iot_dr.terraform.engine import Engine
from tests.iot_dr.emit.variables.judge import Judge


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """Real Terraform, in one process for all tests of this folder."""
    commands = Engine.chosen({}).commands({})
    yield Judge(commands, lambda: tmp_path_factory.mktemp("judged"))
    commands.close()
