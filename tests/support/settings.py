"""Settings for tests: a small valid environment, and changes to it."""

from typing import Any

from environments.data import Data
from environments.settings import Settings

FLEET = {"method": "fleet-provisioning"}
# Its private key was deleted.
JUST_IN_TIME = {"method": "just-in-time", "ca_certificate": "tests/support/device_ca.pem"}
UNKNOWN_DEVICES = {"rule": "devices-unknown-in-standby", "reason": "our service does that"}
REGIONS = ("eu-west-1", "eu-central-1", "eu-north-1", "us-east-2", "ap-south-1")


def document(**changes: object) -> dict[str, Any]:
    """Return the data of a valid file for `dev`, with top-level keys replaced."""
    return {
        "project": "example",
        "environment": "dev",
        "domain": "example.com",
        "account_id": "111111111111",
        "regions": ["eu-west-1", "eu-central-1"],
        "state": {"bucket_prefix": "example-iot"},
        **changes,
    }


def settings(**changes: object) -> Settings:
    """Return valid settings for `dev`, with top-level keys replaced."""
    return Settings.model_validate(document(**changes))


def with_data(chosen: Settings) -> Settings:
    """Add the block `data` to an environment."""
    return chosen.model_copy(update={"data": Data()})
