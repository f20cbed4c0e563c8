import json
from pathlib import Path
from typing import Any

import pytest

from iot_dr.delivery.deploy.variables import terraform_variables
from iot_dr.terraform.provider_backend import ProviderMismatchError
from iot_dr.terraform_json.provider_choice import Provider
from tests.support.settings import settings


def stack(folder: Path, backend: dict[str, Any]) -> Path:
    (folder / "iot-dev-state").mkdir()
    document = {"terraform": {"backend": backend}}
    (folder / "iot-dev-state" / "cdk.tf.json").write_text(json.dumps(document))
    return folder


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
        ("AWS_ENDPOINT_URL_S3", "http://localhost:9000"),
        ("AWS_ENDPOINT_URL_DYNAMODB", "http://[::1]:8000"),
    ],
)
def test_the_real_provider_is_refused_with_a_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, address: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv(name, address)
    with pytest.raises(ProviderMismatchError) as refused:
        terraform_variables(Provider.AWS, settings(), tmp_path).__enter__()
    assert str(refused.value).startswith(f"{name}={address}: PROVIDER=aws")


@pytest.mark.parametrize("address", ["https://s3.eu-west-1.amazonaws.com", "https://10.0.0.1", ""])
def test_the_real_provider_goes_with_any_other_endpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    with terraform_variables(Provider.AWS, settings(), tmp_path) as variables:
        assert Path(variables["TF_PLUGIN_CACHE_DIR"]).is_dir()


@pytest.mark.parametrize(
    ("backend", "problem"),
    [
        ({"local": {"path": "terraform.tfstate"}}, "the backend 'local'"),
        ({"gcs": {"bucket": "states"}}, "the backend 'gcs'"),
        (
            {"s3": {"bucket": "states", "endpoints": {"s3": "https://s3.example.com"}}},
            r"an S3 backend with endpoints = {'s3': 'https://s3.example.com'}",
        ),
    ],
)
def test_the_stand_in_is_refused_with_a_backend_that_is_not_the_sandboxs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: dict[str, Any], problem: str
) -> None:
    monkeypatch.chdir(tmp_path)
    stacks = stack(tmp_path, backend)
    with pytest.raises(ProviderMismatchError, match=f"iot-dev-state: PROVIDER=standin .*{problem}"):
        terraform_variables(Provider.STANDIN, settings(), stacks).__enter__()
    assert not (tmp_path / ".sandbox").exists()
