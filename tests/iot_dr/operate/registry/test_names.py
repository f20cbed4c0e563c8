"""What `iot-dr registry` leaves out, in addition to what the functions of the stacks leave out."""

import pytest

from environments.errors import SettingsError
from functions.registry.entity import Entity
from iot_dr.operate.registry.names import RegistryNames
from tests.support.settings import FLEET, JUST_IN_TIME, settings
from tests.support.synthesis import Synthesis


@pytest.mark.parametrize("provisioning", [None, FLEET, JUST_IN_TIME], ids=["none", "fleet", "ca"])
def test_the_commands_leave_out_what_the_functions_leave_out(
    provisioning: dict[str, str] | None, synthesis: Synthesis
) -> None:
    platform = settings(data={"provisioning": provisioning})
    stack = synthesis(platform)["iot-dev-device-registry-eu-central-1"]
    variables = stack.resources("aws_lambda_function")["registry_apply"]["environment"]["variables"]
    names = RegistryNames.of(platform)
    assert names.excluded_policies == set(variables["REGISTRY_EXCLUDED_POLICIES"].split(","))
    ca = variables["REGISTRY_EXCLUDED_CA_CERTIFICATES"]
    assert names.excluded_ca_certificates == ({ca} if ca else set())
    assert len(names.excluded_ca_certificates) == (provisioning is JUST_IN_TIME)


@pytest.mark.parametrize("copied", [True, False])
def test_reported_halves_of_shadows_are_left_out_where_the_settings_say_so(
    copied: bool, synthesis: Synthesis
) -> None:
    platform = settings(data={"copy_reported": copied})
    stack = synthesis(platform)["iot-dev-device-registry-eu-central-1"]
    for function in stack.resources("aws_lambda_function").values():
        variables = function["environment"]["variables"]
        assert variables.get("REGISTRY_COPY_REPORTED") == (None if copied else "false")
    excluded = RegistryNames.of(platform).excluded
    assert Entity.parse("shadow/a//desired") not in excluded
    assert (Entity.parse("shadow/a//reported") in excluded) is not copied


def test_a_ca_s_file_that_is_gone_is_reported_in_words() -> None:
    gone = {**JUST_IN_TIME, "ca_certificate": "tests/support/gone.pem"}
    with pytest.raises(SettingsError, match=r"gone\.pem' cannot be read: No such file"):
        RegistryNames.of(settings(data={"provisioning": gone}))
