"""The emitted modules, and Terraform that calls them."""

from collections.abc import Generator
from pathlib import Path

import pytest

from iot_dr.terraform.terraform import Terraform
from iot_dr.terraform_json.files import STACK_FILE
from tests.support.emitted import Opened, emitted_modules, standin_commands
from tests.support.state_server import state_server


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return emitted_modules(tmp_path_factory.mktemp("emitted") / "dist")


@pytest.fixture(scope="session")
def opened() -> Generator[Opened]:
    """Of all files here: the stand-in and Terraform read the provider's whole schema once."""
    with standin_commands() as commands, state_server() as keep_state:

        def opened(folder: Path) -> Terraform:
            # A stack of CDKTF names a backend itself.
            if not (folder / STACK_FILE).exists():
                keep_state(folder)
            terraform = Terraform(folder, commands, 300)
            terraform.init(backend=True)
            return terraform

        yield opened
