"""The module that a project's own code imports."""

import subprocess
import sys

import pytest

from iot_dr import api
from stacks.base_stack import BaseStack
from stacks.stage import IotPlatformStage


def test_every_public_name_is_there() -> None:
    for name in api.__all__:
        assert getattr(api, name)
    assert api.BaseStack is BaseStack
    assert issubclass(api.IotPlatformStage, IotPlatformStage)


def test_another_name_is_refused_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match=r"^module 'iot_dr\.api' has no attribute 'Stage'$"):
        getattr(api, "Stage")  # noqa: B009 - the type check refuses the attribute


def test_its_import_does_not_start_the_engine() -> None:
    code = "import sys; from iot_dr.api import load_settings; print('cdktf' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
