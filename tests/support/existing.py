"""An environment whose platform devices already use in one region."""

from typing import Any

CERTIFICATE_ARN = (
    "arn:aws:acm:eu-west-1:111111111111:certificate/0a1b2c3d-0000-4000-8000-000000000001"
)
ZONE = {"id": "Z0EXAMPLE", "name": "example.com"}


def existing(**changes: object) -> dict[str, Any]:
    """Return a valid block `existing`, with keys replaced."""
    return {
        "region": "eu-west-1",
        "domain_configuration": "fleet",
        "certificate_arn": CERTIFICATE_ARN,
        **changes,
    }
