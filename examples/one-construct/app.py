"""Somebody's own CDKTF app: one stack, with a zone, its certificate and a health check."""

from pathlib import Path

import iot_dr.constructs  # noqa: F401 - before cdktf, so that bindings load as they are used
from cdktf import App, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_zone import Route53Zone
from iot_dr.constructs import (
    Certificate,
    CertificateInputs,
    HostedZone,
    HostedZoneInputs,
    Named,
    TcpHealthCheck,
    TcpHealthCheckInputs,
)

NAME = "things.example.com"


class Names(TerraformStack):
    """The names of things."""

    def __init__(self, scope: App, name: str) -> None:
        super().__init__(scope, name)
        aws = AwsProvider(self, "aws", region="eu-west-1")
        zone = HostedZone(self, "zone", HostedZoneInputs(provider=aws, zone_name=NAME))
        inputs = CertificateInputs(
            provider=aws,
            zone_name=NAME,
            timeout_minutes=45,
            validation_zone_id=zone.outputs.zone_id,
        )
        certificate = Certificate(self, "certificate", inputs)
        # A second zone in the same stack needs a name.
        other = HostedZoneInputs(provider=aws, zone_name=f"test.{NAME}")
        test = HostedZone(Named(self, "test"), "zone", other)
        test.resource(Route53Zone).comment = "Names of things under test"
        check = TcpHealthCheckInputs(
            provider=aws,
            name="things-eu-west-1",
            regional_name=f"eu-west-1.{NAME}",
            interval=30,
            threshold=3,
            slot="eu_west_1",
        )
        check_id = TcpHealthCheck(self, "check", check).outputs.check_id
        TerraformOutput(self, "certificate_arn", value=certificate.outputs.arn)
        TerraformOutput(self, "check_id", value=check_id)


def build(outdir: Path | None = None) -> App:
    """Return the app; CDKTF chooses the folder if None."""
    app = App(outdir=str(outdir) if outdir else None)
    Names(app, "names")
    return app


if __name__ == "__main__":
    build().synth()
