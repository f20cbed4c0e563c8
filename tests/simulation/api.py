"""The requests that AWS's service models allow, so that no function calls what boto3 refuses."""

import functools
from collections.abc import Mapping
from typing import Any, cast

from botocore import session, xform_name
from botocore.validate import ParamValidator

BOTH = "iot and iot-data"
"""The service of a client that can do what the two clients of IoT Core can, for users."""


@functools.cache
def _shapes(service: str) -> dict[str, Any]:
    if service == BOTH:
        return _shapes("iot") | _shapes("iot-data")
    model = cast("Any", session.get_session().get_service_model(service))
    names: list[str] = model.operation_names
    return {xform_name(name): model.operation_model(name).input_shape for name in names}


@functools.cache
def _checked() -> set[tuple[str, ...]]:
    return set()


def check(service: str, call: str, request: Mapping[str, Any]) -> None:
    """Raise AssertionError for a request that boto3 would refuse; each form is checked once."""
    form = (service, call, *sorted(request))
    if form not in _checked():
        report = cast("Any", ParamValidator()).validate(request, _shapes(service)[call])
        assert not report.has_errors(), f"{call}: {report.generate_report()}"
        _checked().add(form)
