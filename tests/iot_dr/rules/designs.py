"""Designs for the rules to judge: ours as synthesized, changed by a test, and planned cases."""

import json
import tempfile
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from environments.settings import Settings
from iot_dr.generate.app import build
from iot_dr.generate.expectation import design_expectation
from iot_dr.rules.rule import Finding, Rule
from iot_dr.terraform_json.document import stack_resources
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.rules.case_plans import CASES, plans
from tests.support.made_once import made_once
from tests.support.settings import REGIONS, settings, with_data

Documents = dict[str, dict[str, Any]]
"""Terraform documents by the names of their stacks."""

ENTRY_POINT = "iot-dev-entry-point"
IRELAND = "iot-dev-iot-eu-west-1"
FRANKFURT = "iot-dev-iot-eu-central-1"
ZONE = "iot-dev-hosted-zone"


def ours(regions: int = 2, primary: str = "eu-west-1", mode: str = "deep") -> Documents:
    """Return the stacks of an environment as synthesized, for a test to change."""
    return deepcopy(_synthesized(regions, primary, mode))


def ours_with_data(regions: int = 2) -> Documents:
    """Return the same for an environment that keeps the data of devices in every region."""
    return deepcopy(_with_data(regions))


def our_settings(regions: int = 2, primary: str = "eu-west-1", mode: str = "deep") -> Settings:
    """Return the settings that `ours` is synthesized from, with a target that they keep."""
    return settings(
        regions=list(REGIONS[:regions]),
        primary_region=primary,
        health={"mode": mode},
        recovery={"rto": 600},
    )


def resources(documents: Documents, stack: str, type_: str) -> dict[str, dict[str, Any]]:
    """Return the resources of a type by their ids, for a test to change."""
    return documents[stack]["resource"].setdefault(type_, {})


def with_names_in_parent_zone(documents: Documents) -> Documents:
    """Declare the regional names of two regions in the parent of the environment's zone."""
    for region in ("eu-west-1", "eu-central-1"):
        stack = documents[f"iot-dev-iot-{region}"]
        zone = {"name": "example.com", "provider": f"aws.{region.replace('-', '_')}"}
        stack["data"]["aws_route53_zone"] = {"parent": zone}
        (record,) = stack["resource"]["aws_route53_record"].values()
        record["zone_id"] = "${data.aws_route53_zone.parent.zone_id}"
    return documents


def planned(rule: str, kind: str) -> Documents:
    """Return the plans of a rule's case, `bad` or `good`, by the names of their stacks."""
    result = {
        name.split(".")[1]: plan
        for name, plan in plans().items()
        if name.startswith(f"{rule}/{kind}.")
    }
    official = CASES / rule / f"{kind}.platform.json"
    if official.is_file():
        result["platform"] = json.loads(official.read_bytes())
    return deepcopy(result)


def judged(
    rule: Rule, documents: Mapping[str, Any], settings_: Settings | None = None
) -> list[Finding]:
    """Return what a rule finds in documents that belong together."""
    contents = {name: json.dumps(document).encode() for name, document in documents.items()}
    stacks = [stack_resources(name, content) for name, content in contents.items()]
    return list(
        rule.find(ResourceSet(stacks), design_expectation(settings_) if settings_ else None)
    )


def where(findings: list[Finding]) -> set[str]:
    """Return the places of findings as `STACK/ADDRESS`."""
    return {f"{finding.stack}/{finding.address}" for finding in findings}


@cache
def _with_data(regions: int) -> Documents:
    return _documents(with_data(our_settings(regions)))


@cache
def _synthesized(regions: int, primary: str, mode: str) -> Documents:
    return _documents(our_settings(regions, primary, mode))


def _documents(chosen: Settings) -> Documents:
    return made_once(f"design {chosen.model_dump_json()}", lambda: _built(chosen))


def _built(chosen: Settings) -> Documents:
    with tempfile.TemporaryDirectory() as folder:
        build([chosen], Path(folder)).synth()
        return {
            file.parent.name: json.loads(file.read_text("utf-8"))
            for file in sorted(Path(folder).glob("stacks/*/cdk.tf.json"))
        }
