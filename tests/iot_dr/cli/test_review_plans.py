"""What `iot-dr review` says while it makes plans itself."""

import json
from pathlib import Path
from typing import Any

import pytest

from iot_dr.cli.review import planned_review, show
from iot_dr.terraform_json.plan_manifest import FILE, PlanManifest, PlannedStack, sha256
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph
from tests.support.plan_parts import create, document
from tests.support.settings import settings

SECRET = "correct-horse-battery"
ERROR = f"terraform plan failed\n\nError: no user {SECRET}\x1b[31m"


def stack(name: str, **more: Any) -> PlannedStack:
    return PlannedStack(name=name, what="x", region="eu-west-1", role=None, wave=1, **more)


def half_planned(folder: Path) -> None:
    """Plan one stack with a secret, and fail with it in another."""
    done, failed, *_ = platform_graph(settings()).nodes
    plan = json.dumps(document(resource_changes=[create("aws_x.y", {"p": SECRET}, {"p": True})]))
    (folder / f"{done.name}.json").write_text(plan, encoding="utf-8")
    (folder / f"{done.name}.tfplan").write_bytes(b"")
    hashes = {"plan_sha256": sha256(b""), "json_sha256": sha256(plan.encode())}
    stacks = (
        stack(done.name, status="planned", **hashes),
        stack(failed.name, status="failed", error=ERROR),
    )
    manifest = PlanManifest(
        format=1, environment="dev", provider="standin", wave=None, base=None, stacks=stacks
    )
    (folder / FILE).write_bytes(manifest.encoded())


def test_terraforms_error_is_told_without_what_is_secret(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    with planned_review(settings(), Provider.STANDIN, None, half_planned) as made:
        show(made, "markdown")
    out, err = (each.decode() for each in capfdbinary.readouterr())
    assert SECRET not in out + err
    assert "Error: no user (sensitive)" in err
    assert "Error: no user (sensitive)" in out
    assert "\x1b" not in out + err
