"""All checks, in the order of their results."""

from typing import Final

from iot_dr.observe.doctor.check import Check
from iot_dr.observe.doctor.checks import (
    clock,
    concurrency,
    credentials,
    regions,
    state_buckets,
)

# Always allowed: docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
CREDENTIALS: Final = Check(name="credentials", examine=credentials.examine)
"""The check on which all others depend that call AWS."""

CHECKS: Final = (
    Check(name="clock", examine=clock.examine),
    Check(name="regions", examine=regions.examine, actions=("ec2:DescribeRegions",)),
    Check(
        name="state buckets",
        examine=state_buckets.examine,
        actions=("s3:GetBucketVersioning", "s3:GetEncryptionConfiguration"),
    ),
    Check(
        name="Lambda concurrency",
        examine=concurrency.examine,
        actions=("lambda:GetAccountSettings", "lambda:GetFunctionConcurrency"),
    ),
)
"""The other checks."""
