"""The region of global services; importable without CDKTF."""

from typing import Final

GLOBAL_REGION: Final = "us-east-1"
"""The region of the control planes of Route 53, IAM and CloudFront, and of checks' metrics.

A provider there adds no dependency on another region, since all changes of Route 53 go through it:
docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html and
docs.aws.amazon.com/Route53/latest/DeveloperGuide/disaster-recovery-resiliency.html.
"""
