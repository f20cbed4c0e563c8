"""Whether a region knows devices that were registered in another one."""

from typing import Final

from iot_dr.design.functions import package_of
from iot_dr.terraform_json.argument import is_true
from iot_dr.terraform_json.resource_set import ResourceSet

_FUNCTION: Final = "aws_lambda_function"
_CA: Final = "aws_iot_ca_certificate"


def knows_devices(resources: ResourceSet, region: str) -> bool:
    """Whether devices that were registered in another region can connect to this one.

    Either the registry is replicated, or their CA allows just-in-time registration. With only a
    fleet provisioning template a device would have to be provisioned again.
    """
    return any(
        function.region == region and package_of(resources, function) == "registry_apply"
        for function in resources.of_type(_FUNCTION)
    ) or any(
        ca.region == region
        and is_true(resources, ca, "active")
        and is_true(resources, ca, "allow_auto_registration")
        for ca in resources.of_type(_CA)
    )
