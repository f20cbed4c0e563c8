"""moto's hosted zones with the id that their creator gives them."""

import re
from typing import Any, Final, cast

from moto.route53.models import Route53Backend

_BACKEND: Final = cast("Any", Route53Backend)
_CREATE: Final = _BACKEND.create_hosted_zone
_ZONE_ID: Final = re.compile(r"Z[A-Z0-9]{1,31}")


def fix_zones() -> None:
    """Let this process's moto give a zone its reference as the id, if that is one.

    So an account can have a zone that the settings name by its id.
    """
    _BACKEND.create_hosted_zone = _create


def _create(backend: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - moto's objects
    zone = _CREATE(backend, *arguments, **options)
    if _ZONE_ID.fullmatch(zone.caller_reference):
        backend.zones[zone.caller_reference] = backend.zones.pop(zone.resource_id)
        zone.resource_id = zone.caller_reference
    return zone
