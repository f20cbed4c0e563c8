"""The AWS regions that have IoT Core."""

from collections.abc import Iterable
from typing import Final

# Source: the endpoint data for `iot`, partition `aws`, in botocore 1.44.
IOT_REGIONS: Final = (
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-5",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)

LONGEST_REGION: Final = max(IOT_REGIONS, key=len)
"""The longest region name; lengths are checked with it, so that any region can be added later."""


def nearest(word: str, choices: Iterable[str]) -> str:
    """Return a question such as `did you mean 'eu-west-1'?`, or "" if no choice is similar."""
    import difflib  # noqa: PLC0415 - costs 2 ms, and only a mistake needs it

    matches = difflib.get_close_matches(word[:64], list(choices), n=1)
    return f"did you mean {matches[0]!r}?" if matches else ""
