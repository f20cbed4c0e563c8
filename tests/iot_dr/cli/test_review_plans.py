"""What `iot-dr review` says while it makes plans itself."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from iot_dr.cli import review_plans
from iot_dr.cli.review_run import ReviewOptions, run
from iot_dr.common.user_error import UserError
from iot_dr.delivery.planning import PlanRequest
from iot_dr.terraform.schedule import Failed
from iot_dr.terraform_json.plan_manifest import FILE, PlanManifest, PlannedStack, sha256
from stacks.platform_graph import platform_graph
from tests.support.plan_parts import create, document

SECRET = "correct-horse-battery"
ERROR = f"terraform plan failed\n\nError: no user {SECRET}\x1b[31m"
OPTIONS = ReviewOptions(
    environment="dev",
    plans=None,
    provider="standin",
    base=None,
    shown=None,
    format="markdown",
    out=None,
    fail_on="block",
    jobs=1,
    timeout=10,
)


def stack(name: str, **more: Any) -> PlannedStack:
    return PlannedStack(name=name, what="x", region="eu-west-1", role=None, wave=1, **more)


@contextmanager
def half_planned(
    request: PlanRequest, _listeners: object
) -> Generator[tuple[object, list[Failed]]]:
    """Plan one stack with a secret, and fail with it in another."""
    done, failed, *_ = platform_graph(request.settings).nodes
    plan = json.dumps(document(resource_changes=[create("aws_x.y", {"p": SECRET}, {"p": True})]))
    assert request.keep is not None
    (request.keep / f"{done.name}.json").write_text(plan, encoding="utf-8")
    (request.keep / f"{done.name}.tfplan").write_bytes(b"")
    hashes = {"plan_sha256": sha256(b""), "json_sha256": sha256(plan.encode())}
    stacks = (
        stack(done.name, status="planned", **hashes),
        stack(failed.name, status="failed", error=ERROR),
    )
    manifest = PlanManifest(
        format=1, environment="dev", provider="standin", wave=None, base=None, stacks=stacks
    )
    (request.keep / FILE).write_bytes(manifest.encoded())
    yield None, [Failed(node=failed, error=UserError(ERROR))]


def test_terraforms_error_is_told_without_what_is_secret(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(review_plans, "planned", half_planned)
    assert run(OPTIONS) == 3
    out, err = (each.decode() for each in capfdbinary.readouterr())
    assert SECRET not in out + err
    assert "Error: no user (sensitive)" in err
    assert "Error: no user (sensitive)" in out
    assert "\x1b" not in out + err
