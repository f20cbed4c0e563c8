"""Which provider a run has."""

import pytest

from iot_dr.terraform_json.provider_choice import Provider, ProviderError


def test_dev_has_the_stand_in_unless_told() -> None:
    assert Provider.select(None, "dev", {}) is Provider.STANDIN
    assert Provider.select(None, "dev", {"PROVIDER": "aws"}) is Provider.AWS
    assert Provider.select(None, "dev", {"PROVIDER": ""}) is Provider.STANDIN


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_other_environments_want_the_provider_named(environment: str) -> None:
    with pytest.raises(ProviderError, match=f"{environment}: no provider is selected"):
        Provider.select(None, environment, {})
    assert Provider.select("standin", environment, {}) is Provider.STANDIN


def test_an_option_goes_before_the_variable() -> None:
    assert Provider.select("standin", "prod", {"PROVIDER": "aws"}) is Provider.STANDIN


def test_a_name_that_is_no_provider_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        ProviderError, match=r"unknown provider 'azure'; expected .*PROVIDER=standin"
    ):
        Provider.select("azure", "dev", {})


def test_the_stand_in_says_what_it_is() -> None:
    assert "STAND-IN" in Provider.STANDIN.banner
    assert "STAND-IN" not in Provider.AWS.banner
