"""The emitted modules in a CDKTF app, as in any other language of CDKTF: `TerraformHclModule`.

It needs no package of iot-dr: `SOURCE` is a folder or an address of the modules.
"""

import os
from pathlib import Path

from cdktf import (
    App,
    TerraformHclModule,
    TerraformModuleProvider,
    TerraformOutput,
    TerraformStack,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider

ACCOUNT = "111111111111"
REGIONS = {"primary": "eu-west-1", "standby": "eu-central-1", "us_east_1": "us-east-1"}


class Platform(TerraformStack):
    """The module `platform` for two regions, with a provider for each of its aliases."""

    def __init__(self, scope: App, name: str, source: str) -> None:
        super().__init__(scope, name)
        providers = [
            TerraformModuleProvider(
                module_alias=alias,
                provider=AwsProvider(
                    self,
                    alias,
                    alias=alias,
                    region=region,
                    allowed_account_ids=[ACCOUNT],
                ),
            )
            for alias, region in REGIONS.items()
        ]
        platform = TerraformHclModule(
            self,
            "platform",
            source=source,
            providers=providers,
            variables={
                "project": "example",
                "environment": "dev",
                "domain": "example.com",
                "account_id": ACCOUNT,
                "home_region": REGIONS["primary"],
                "standby_region": REGIONS["standby"],
                "bucket_prefix": "example-iot",
            },
        )
        device_name = platform.get_string("device_name")
        TerraformOutput(self, "device_name", value=device_name)


def build(source: str, outdir: Path | None = None) -> App:
    """Return the app; CDKTF chooses the folder if None."""
    app = App(outdir=str(outdir) if outdir else None)
    Platform(app, "platform", source)
    return app


if __name__ == "__main__":
    build(os.environ["SOURCE"]).synth()
