"""Parts that several stacks hold alike."""

from collections.abc import Iterator
from typing import Final

from stacks.rights.estate import Estate
from stacks.rights.held import Held

LAMBDA: Final = ("lambda.amazonaws.com",)
BUCKET_TYPES: Final = (
    "aws_s3_bucket",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
)
"""What every bucket is made of."""


def certificate(estate: Estate, region: str) -> Iterator[Held]:
    """A region's certificate, and its validation."""
    yield Held(type="aws_acm_certificate", region=region, names=(f"*.{estate.zone_name}",))
    yield Held(type="aws_acm_certificate_validation", region=region)


def function(estate: Estate, what: str, region: str) -> Iterator[Held]:
    """A function and its log."""
    name = estate.context.name(what)
    yield Held(type="aws_lambda_function", region=region, names=(name,))
    yield Held(type="aws_cloudwatch_log_group", region=region, names=(f"/aws/lambda/{name}",))


def permission(estate: Estate, what: str, region: str) -> Iterator[Held]:
    """Who else may call a function."""
    yield Held(type="aws_lambda_permission", region=region, names=(estate.context.name(what),))


def role(region: str, name: str, kinds: tuple[str, ...], path: str = "/") -> Iterator[Held]:
    """A role and its policy, and which services may take it on."""
    for type_ in ("aws_iam_role", "aws_iam_role_policy"):
        yield Held(type=type_, region=region, names=(name,), kinds=kinds, path=path)


def alarms(region: str, *names: str) -> Iterator[Held]:
    """Alarms."""
    yield Held(type="aws_cloudwatch_metric_alarm", region=region, names=names)


def topic(region: str, name: str) -> Iterator[Held]:
    """A topic and its key."""
    yield Held(type="aws_kms_key", region=region)
    yield Held(type="aws_sns_topic", region=region, names=(name,))
