"""Where Route 53's health checkers stand."""

from typing import Final

CHECKER_REGIONS: Final = (
    *("us-east-1", "us-west-1", "us-west-2", "eu-west-1"),
    *("ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "sa-east-1"),
)
"""The default of a check, and all regions that it may name.

A check that names none is answered with all of them some time after its creation, which provider
6.25 to 6.28 takes for a change that AWS then refuses: hashicorp/terraform-provider-aws issue 45824.
docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html, Regions.
"""
