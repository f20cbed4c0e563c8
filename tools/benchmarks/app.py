"""An app for the growth of synthesis: any environments, and any number of parameters."""

import iot_dr  # noqa: F401, I001 - first, for the fast start

import argparse
from collections.abc import Sequence
from pathlib import Path

from cdktf import App, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter

from environments.loader import load, names
from iot_dr.generate.app import build


def main(arguments: Sequence[str] | None = None) -> None:
    """Synthesize every environment of a folder, and a stack of additional resources."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path, help="folder of the environments' files")
    parser.add_argument("out", type=Path, help="folder for the output")
    parser.add_argument("--extra", type=int, default=0, help="number of further resources")
    options = parser.parse_args(arguments)
    app = build([load(name, {}, options.folder) for name in names(options.folder)], options.out)
    if options.extra:
        _add_parameters(app, options.extra)
    app.synth()


def _add_parameters(app: App, count: int) -> None:
    stack = TerraformStack(app, "extra")
    provider = AwsProvider(stack, "aws", region="eu-west-1", alias="eu_west_1")
    for number in range(count):
        SsmParameter(
            stack,
            f"parameter_{number}",
            name=f"/iot/parameter/{number}",
            type="String",
            value=str(number),
            provider=provider,
        )


if __name__ == "__main__":
    main()
