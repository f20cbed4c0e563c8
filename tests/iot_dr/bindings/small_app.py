"""An app of 3 stacks and 30 blocks; prints which modules Python holds, and its environment."""

import json
import os
import sys

import iot_dr  # noqa: F401 - the fast start comes first

from cdktf import App, S3Backend, TerraformStack  # isort: skip
from cdktf_cdktf_provider_aws.data_aws_iot_endpoint import DataAwsIotEndpoint
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_zone import Route53Zone
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter

_REGIONS = ("eu-west-1", "eu-central-1")


def _stack(app: App, name: str) -> None:
    stack = TerraformStack(app, name)
    S3Backend(stack, bucket="state", key=f"{name}.tfstate", region=_REGIONS[0])
    for region in _REGIONS:
        alias = region.replace("-", "_")
        provider = AwsProvider(stack, f"aws_{alias}", region=region, alias=alias)
        DataAwsIotEndpoint(stack, f"endpoint_{alias}", provider=provider)
        zone = Route53Zone(stack, f"zone_{alias}", name="example.com", provider=provider)
        for number in range(3):
            SsmParameter(
                stack,
                f"parameter_{alias}_{number}",
                name=f"/parameter/{number}",
                type="String",
                value=zone.zone_id,
                provider=provider,
            )


def _main() -> None:
    app = App(outdir=sys.argv[1])
    for name in ("one", "two", "three"):
        _stack(app, name)
    app.synth()
    print(json.dumps({"modules": sorted(sys.modules), "environ": dict(os.environ)}))  # noqa: T201 - read by the test


_main()
