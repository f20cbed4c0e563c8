"""The emitted modules, and Terraform that calls them."""

from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import pytest

from iot_dr.terraform.terraform import PlanStatus, Terraform
from iot_dr.terraform_json.files import STACK_FILE
from tests.support.emitted import (
    Opened,
    changed,
    copied_example,
    emitted_modules,
    managed,
    standin_commands,
    state_of,
)
from tests.support.state_server import state_server

PLATFORM: Final = "examples/complete"
ARGUMENTS: Final = {
    "label": '"things"',
    "ttl": "120",
    "tls_policy": '"IoTSecurityPolicy_TLS13_1_3_2022_10"',
    "certificate_minutes": "30",
    "interval": "10",
    "threshold": "2",
    "point_in_time_days": "14",
    # The complete example leaves out what is null.
    "stream_hours": "200\n  stream_shards = 2",
    "reconcile_hours": "1",
    "parallelization_factor": "3",
    "copy_reported": "false",
    "deletion_percent": "5",
    "primary_region": '"eu-central-1"',
}
"""Arguments of the applied platform, as HCL; none is a default."""
REGISTRY: Final = "module.platform.module.primary_registry[0].terraform_data.device_registry"
TABLE: Final = "module.platform.module.device_data[0].aws_dynamodb_table.device_registry"


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


@pytest.fixture(scope="session")
def platform(modules: Path, opened: Opened, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The complete example of the platform, with values other than the defaults, applied.

    The first apply stopped before the table's items.
    """
    folder = copied_example(modules, tmp_path_factory.mktemp("platform"), PLATFORM)
    changed(folder, **ARGUMENTS)
    terraform = opened(folder)
    assert terraform.validate() == []
    # The first step that Terraform could take, with what it must create before.
    terraform.apply(None, f"-target={REGISTRY}")
    assert managed(state_of(folder)).keys() == {REGISTRY, TABLE}
    terraform.apply(None)
    return folder


@pytest.fixture(scope="session")
def planned_again(platform: Path, opened: Opened) -> tuple[PlanStatus, dict[str, Any]]:
    """Whether a plan of the applied platform shows a change, and the plan."""
    terraform = opened(platform)
    return terraform.plan(platform / "again"), terraform.show(platform / "again")
