"""The regions of Route 53's health checkers."""

from typing import Final

CHECKER_REGIONS: Final = (
    *("us-east-1", "us-west-1", "us-west-2", "eu-west-1"),
    *("ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "sa-east-1"),
)
"""All regions that a health check can name, which is also Route 53's default.

They are set because AWS returns them for a check without regions some time after its creation,
which provider 6.25 to 6.28 plans as a change that AWS then rejects:
hashicorp/terraform-provider-aws issue 45824. Source:
docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html (Regions).
"""
