"""Whether a region may know devices that were registered in another one."""

from typing import Final

from iot_dr.design.functions import package_of
from iot_dr.terraform_json.argument import may_be_true
from iot_dr.terraform_json.resource_set import ResourceSet

_FUNCTION: Final = "aws_lambda_function"
_CA: Final = "aws_iot_ca_certificate"
_REGISTERS: Final = ("active", "allow_auto_registration")


def knows_devices(resources: ResourceSet, region: str) -> bool:
    """Whether devices that were registered in another region may connect to this one.

    Either the registry is replicated, or their CA allows just-in-time registration; one with an
    unknown flag may. With only a fleet provisioning template a device would have to be provisioned
    again.
    """
    return any(
        function.region == region and package_of(resources, function) == "registry_apply"
        for function in resources.of_type(_FUNCTION)
    ) or any(
        ca.region == region
        and all(may_be_true(resources.resolve(ca, ca.values.get(flag))) for flag in _REGISTERS)
        for ca in resources.of_type(_CA)
    )
