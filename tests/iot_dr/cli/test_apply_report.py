"""What `iot-dr apply` prints around its work."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from iot_dr.cli import apply_run
from iot_dr.cli.apply_report import ApplyReport
from iot_dr.cli.apply_run import ApplyOptions
from iot_dr.terraform_json.provider_choice import Provider
from tests.support.settings import settings


def test_the_first_wave_of_a_pipeline_is_named_as_any_other() -> None:
    assert ApplyReport("dev", 0, [], 1).text() == "dev: wave 0, 0 of 0 stacks applied in 1.0 s"
    assert ApplyReport("dev", None, [], 1).text() == "dev: 0 of 0 stacks applied in 1.0 s"


@pytest.mark.parametrize("provider", Provider)
def test_the_provider_is_told_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], provider: Provider
) -> None:
    @contextmanager
    def nothing(_listeners: object) -> Generator[tuple[None, list[None]]]:
        yield None, []

    def application(*_arguments: object) -> SimpleNamespace:
        return SimpleNamespace(stacks=(), provider=provider, applied=nothing)

    monkeypatch.setattr(apply_run, "load", {"dev": settings()}.__getitem__)
    monkeypatch.setattr(apply_run, "_application", application)
    options = ApplyOptions(
        environment="dev",
        provider=None,
        plans=Path("plans"),
        wave=1,
        review=None,
        plans_sha256=None,
        yes=False,
        jobs=1,
        timeout=1,
        as_json=False,
    )
    assert apply_run.run(options) == 0
    first, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("Provider: ")
    assert ("STAND-IN" in first, "in account 111111111111." in first) == (
        provider is Provider.STANDIN,
        provider is Provider.AWS,
    )
