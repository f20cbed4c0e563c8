"""Diagnostics of `terraform init` about modules and providers that are not there."""

import json

import pytest

from iot_dr.terraform.diagnostic import TerraformError, init_diagnostics

MODULE = {
    "severity": "error",
    "summary": "Error accessing remote module registry",
    "detail": 'Failed to retrieve available versions for module "audit" (cdk.tf.json:32) from'
    " registry.terraform.io: failed to request discovery document: no such host.",
    "range": {"filename": "cdk.tf.json", "start": {"line": 32}},
}
PROVIDER = {
    "severity": "error",
    "summary": "Failed to query available provider packages",
    "detail": "Could not retrieve the list of available versions for provider hashicorp/random:"
    " provider registry.terraform.io/hashicorp/random was not found in any of the search"
    " locations\n\n  - /mirror",
}
NEEDS_NETWORK = (
    "Error: cdk.tf.json:32: module audit: its source cannot be read; it needs the network: copy the"
    " module into the project, and name its folder"
)
NOT_IN_STANDIN = (
    "Error: the stand-in has no provider hashicorp/random; plan with PROVIDER=aws, or use"
    " hashicorp/aws only"
)
OTHER = {"severity": "error", "summary": "Backend initialization required", "detail": "Run init."}


def lines(*diagnostics: dict[str, object]) -> str:
    return "\n".join(json.dumps({"diagnostic": diagnostic}) for diagnostic in diagnostics)


@pytest.mark.parametrize(
    ("diagnostic", "expected"),
    [
        (MODULE, NEEDS_NETWORK),
        (PROVIDER, NOT_IN_STANDIN),
        (OTHER, "Error: Backend initialization required\nRun init."),
    ],
)
def test_a_source_that_is_not_there_is_one_line_with_the_remedy(
    diagnostic: dict[str, object], expected: str
) -> None:
    (read,) = init_diagnostics(lines(diagnostic))
    assert str(read) == expected
    assert str(TerraformError("init", 1, (read,), "")).endswith(expected)
