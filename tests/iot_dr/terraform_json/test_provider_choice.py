"""Which provider a run has."""

import pytest

from iot_dr.terraform_json.provider_choice import Provider, ProviderError


def test_dev_defaults_to_the_stand_in() -> None:
    assert Provider.select(None, "dev", {}) is Provider.STANDIN
    assert Provider.select(None, "dev", {"PROVIDER": "aws"}) is Provider.AWS
    assert Provider.select(None, "dev", {"PROVIDER": ""}) is Provider.STANDIN


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_other_environments_require_a_provider(environment: str) -> None:
    with pytest.raises(ProviderError, match=f"{environment}: no provider is selected") as refused:
        Provider.select(None, environment, {})
    assert str(refused.value).endswith(
        "only dev has a default; set PROVIDER=standin or PROVIDER=aws"
    )
    assert Provider.select("standin", environment, {}) is Provider.STANDIN


def test_an_option_goes_before_the_variable() -> None:
    assert Provider.select("standin", "prod", {"PROVIDER": "aws"}) is Provider.STANDIN


def test_an_unknown_provider_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        ProviderError, match=r"unknown provider 'azure'; expected .*PROVIDER=standin"
    ):
        Provider.select("azure", "dev", {})


@pytest.mark.parametrize(
    ("binary", "product"), [("/opt/tofu", "OpenTofu"), ("terraform", "Terraform")]
)
def test_the_stand_ins_banner_names_what_runs(
    binary: str, product: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", binary)
    assert f" {product} is real;" in Provider.STANDIN.banner


def test_the_stand_ins_banner_names_it() -> None:
    assert "STAND-IN" in Provider.STANDIN.banner
    assert "STAND-IN" not in Provider.AWS.banner
