"""Devices that a changed domain configuration no longer accepts."""

import re
from collections.abc import Iterator
from typing import Final

from iot_dr.review.impact.differences import Differences

_AUTHORIZER: Final = "authorizer_config[0].default_authorizer_name"
_TLS: Final = "tls_config[0].security_policy"
# The oldest accepted version of TLS is in the policy's name:
# docs.aws.amazon.com/iot/latest/developerguide/transport-security.html
_OLDEST_TLS: Final = re.compile(r"IoTSecurityPolicy_TLS\d+_1_(\d)_\w+")
# docs.aws.amazon.com/iot/latest/apireference/API_CreateDomainConfiguration.html
_LIMITS: Final = {"application_protocol": "protocol", "authentication_type": "authentication"}
_ANY: Final = (None, "DEFAULT")


def is_authorizer_removed(differences: Differences) -> bool:
    """Whether devices of the configuration's custom authorizer are refused."""
    names = differences.values(_AUTHORIZER)
    return names is not None and names[1] is None


def refused_devices(differences: Differences) -> Iterator[str]:
    """Yield a clause for each group of devices that could connect and no longer can."""
    names = differences.values(_AUTHORIZER)
    if names and names[1] is None:
        yield f"devices that the custom authorizer {names[0]} accepts are refused"
    before, after = map(_oldest_tls, differences.values(_TLS) or ("", ""))
    if before is not None and after is not None and before < after:
        yield f"devices whose newest version of TLS is 1.{after - 1} or older are refused"
    for argument, what in _LIMITS.items():
        values = differences.values(argument)
        if values and values[1] not in _ANY:
            yield f"devices that use another {what} than {values[1]} are refused"


def _oldest_tls(policy: object) -> int | None:
    result = _OLDEST_TLS.fullmatch(str(policy))
    return int(result[1]) if result else None
