"""The error for a package of an extra that is not installed."""

import pytest

from iot_dr.common.extra import missing_extra


@pytest.mark.parametrize(
    ("module", "extra"),
    [("msgpack", "terraform"), ("dns.exception", "terraform"), ("grpc", "terraform"),
     ("botocore.config", "terraform"), ("httpx", "review"), ("uvloop", "drill")],
)  # fmt: skip
def test_a_missing_package_is_reported_with_its_extra(module: str, extra: str) -> None:
    package = module.partition(".")[0]
    error = missing_extra(ModuleNotFoundError(name=module))
    assert str(error) == (
        f"this command needs {package}, not installed here; install iot-dr[{extra}] with pip or uv"
    )


@pytest.mark.parametrize("module", ["yaml", "iot_dr.cli.no_such_command", "stacks"])
def test_other_missing_modules_are_faults_of_the_program(module: str) -> None:
    assert missing_extra(ModuleNotFoundError(name=module)) is None
