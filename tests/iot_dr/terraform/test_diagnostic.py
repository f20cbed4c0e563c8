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
NEEDS_NETWORK = (
    "Error: cdk.tf.json:32: module audit: its source cannot be read; it needs the network: copy the"
    " module into the project, and name its folder"
)
NOT_IN_STANDIN = (
    "Error: the stand-in has no provider hashicorp/random; plan with PROVIDER=aws, or use"
    " hashicorp/aws only"
)
LOCKED = "Error acquiring the state lock"


def error(summary: str, detail: str) -> dict[str, object]:
    return {"severity": "error", "summary": summary, "detail": detail}


def provider(registry: str) -> dict[str, object]:
    detail = f"provider {registry}/hashicorp/random was not found in any of the search locations"
    return error("Failed to query available provider packages", detail)


def lines(*diagnostics: dict[str, object]) -> str:
    return "\n".join(json.dumps({"diagnostic": diagnostic}) for diagnostic in diagnostics)


@pytest.mark.parametrize(
    ("diagnostic", "expected"),
    [
        (MODULE, NEEDS_NETWORK),
        (provider("registry.terraform.io"), NOT_IN_STANDIN),
        (provider("registry.opentofu.org"), NOT_IN_STANDIN),
        (error("Not initialized", "Run init."), "Error: Not initialized\nRun init."),
        (error(LOCKED, "By me\n\nTerraform acquires a state lock"), f"Error: {LOCKED}\nBy me"),
        (error(LOCKED, "By me\n\nOpenTofu acquires a state lock"), f"Error: {LOCKED}\nBy me"),
    ],
)
def test_a_missing_source_has_its_remedy_and_a_lock_no_advice_to_go_without(
    diagnostic: dict[str, object], expected: str
) -> None:
    (read,) = init_diagnostics(lines(diagnostic))
    assert str(read) == expected
    assert str(TerraformError("init", 1, (read,), "")).endswith(expected)
