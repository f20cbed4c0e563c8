from collections.abc import Iterator
from pathlib import Path

import pytest

from iot_dr.terraform.engine import Engine
from tests.iot_dr.emit.hcl.terraform_folder import TerraformFolder


@pytest.fixture
def terraform(tmp_path: Path, lent: None) -> Iterator[TerraformFolder]:  # noqa: ARG001 - patches
    """Terraform in folders of the test's own, in a process that tests share."""
    commands = Engine.chosen({}).commands({})
    yield TerraformFolder(tmp_path, commands)
    commands.close()
