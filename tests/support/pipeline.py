"""A pipeline block for test settings."""

from typing import Any

from environments.pipeline import Pipeline


def connection(region: str, account_id: str = "111111111111") -> str:
    """The ARN of a made-up connection."""
    unique = "00000000-0000-4000-8000-000000000001"
    return f"arn:aws:codeconnections:{region}:{account_id}:connection/{unique}"


PIPELINE: dict[str, Any] = {
    "repository": "example/iot-platform",
    "branch": "main",
    "connections": {
        "eu-west-1": connection("eu-west-1"),
        "eu-central-1": connection("eu-central-1"),
    },
    "active_region": "eu-west-1",
}


def standby_region(pipeline: Pipeline) -> str:
    """Return the region of the standing copy."""
    return next(region for region in pipeline.connections if region != pipeline.active_region)
