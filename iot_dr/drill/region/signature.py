"""AWS's Signature Version 4, as the one who is asked verifies it.

Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. It is
computed here from that page and not by the SDK, which signs on the other side.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, quote

from iot_dr.drill.region.https_server import Request
from iot_dr.drill.region.role import Role

_SERVICE: Final = "iotdata"
_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_LEEWAY: Final = timedelta(minutes=5)
_TIME: Final = "%Y%m%dT%H%M%SZ"
_AUTHORIZATION: Final = re.compile(
    rf"{_ALGORITHM} Credential=(?P<key>[^/,]+)/(?P<day>\d{{8}})/(?P<scope>[^,]+),\s*"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_TOKEN: Final = "x-amz-security-token"  # noqa: S105 - a header's name


class SignatureError(Exception):
    """A request is not signed as it must be; the message is the one that AWS gives."""


def signer(
    request: Request, roles: Mapping[str, Role], region: str, now: datetime | None = None
) -> Role:
    """Give the role by whose key a request is signed, for a region and not over 5 minutes ago.

    `roles` are by the id of their key, `now` is the time in UTC. Raises SignatureError.
    """
    given = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if given is None:
        raise SignatureError("Missing Authentication Token")
    role = roles.get(given["key"])
    if role is None or request.headers.get(_TOKEN) != role.token:
        raise SignatureError("The security token included in the request is invalid.")
    if given["scope"] != f"{region}/{_SERVICE}/aws4_request":
        raise SignatureError("Credential should be scoped to a valid region and service.")
    _refuse_other_times(request, given["day"], now or datetime.now(UTC))
    signed = given["headers"].split(";")
    expected = _signature(request, role, given["day"], given["scope"], signed)
    if not _covers(request, signed) or not hmac.compare_digest(expected, given["signature"]):
        raise SignatureError("The request signature we calculated does not match the signature.")
    return role


def _refuse_other_times(request: Request, day: str, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(request.headers["x-amz-date"], _TIME).replace(tzinfo=UTC)
    except (KeyError, ValueError):
        raise SignatureError("Date must be in ISO-8601 'basic format'.") from None
    if abs(now - signed_at) > _LEEWAY or f"{signed_at:%Y%m%d}" != day:
        raise SignatureError("Signature expired, or not yet current.")


def _covers(request: Request, signed: list[str]) -> bool:
    """Tell whether what has to be signed is, and was sent."""
    needed = {"host", *(name for name in request.headers if name.startswith("x-amz-"))}
    return needed <= set(signed) <= set(request.headers)


def _signature(request: Request, role: Role, day: str, scope: str, signed: list[str]) -> str:
    digest = hashlib.sha256(_canonical(request, signed).encode()).hexdigest()
    text = "\n".join((_ALGORITHM, request.headers.get("x-amz-date", ""), f"{day}/{scope}", digest))
    key = f"AWS4{role.secret_key}".encode()
    for part in (day, *scope.split("/")):
        key = _mac(key, part)
    return _mac(key, text).hex()


def _canonical(request: Request, signed: list[str]) -> str:
    pairs = sorted(
        (quote(name, safe="~"), quote(value, safe="~"))
        for name, value in parse_qsl(request.query, keep_blank_values=True)
    )
    return "\n".join(
        (
            request.method,
            # Encoded once more than it was sent, as for every service but S3.
            quote(request.path, safe="/~"),
            "&".join(f"{name}={value}" for name, value in pairs),
            *(f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in signed),
            "",
            ";".join(signed),
            hashlib.sha256(request.body).hexdigest(),
        )
    )


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
