"""`iot-dr review` as a user runs it."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.command import iot_dr_here
from tests.support.project import Project

pytestmark = pytest.mark.usefixtures("lent")


def run(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return iot_dr_here("review", *arguments, typed=typed)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kept plans of a first deployment of dev."""
    folder = tmp_path_factory.mktemp("plans") / "dev"
    done = iot_dr_here("plan", "--env", "dev", "--out", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


def test_a_first_deployment_is_ok_and_says_so_first(first: Path) -> None:
    done = run("--plans", str(first))
    assert (done.returncode, done.stderr) == (0, "")
    title, verdict = done.stdout.splitlines()[:2]
    assert title == "Plan review of dev, provider stand-in, no base"
    assert verdict.startswith("ok: a first deployment")


def test_every_format_shows_the_same_verdict_and_all_are_kept_at_once(
    first: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a" / "review"
    printed = {
        name: run("--plans", str(first), "--format", name, *extra).stdout
        for name, extra in {"markdown": (), "html": (), "json": ("--out", str(out))}.items()
    }
    document = json.loads(printed["json"])
    assert (document["verdict"], document["environment"]) == ("ok", "dev")
    assert printed["markdown"].startswith("### Plan review of ")
    assert printed["html"].startswith("<!doctype html>")
    kept = {each.name: each.read_text(encoding="utf-8") for each in out.iterdir()}
    assert kept == {
        "review.md": printed["markdown"],
        "review.html": printed["html"],
        "review.json": printed["json"],
    }


def test_a_stream_is_reviewed_without_a_word_of_the_environment(first: Path) -> None:
    plan = (first / "iot-dev-hosted-zone.json").read_text(encoding="utf-8")
    done = run("--plans", "-", typed=plan)
    assert done.returncode == 0, done.stderr
    assert "aws_route53_zone.zone" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--plans", "PLANS", "--base", "HEAD"),
            "cannot be used with --plans, which reviews existing plans",
        ),
        (
            ("--plans", "PLANS", "--provider", "aws"),
            "cannot be used with --plans, which reviews existing plans",
        ),
        (("--plans", "PLANS", "--env", "staging"), "contains plans of dev, but --env is staging"),
        (("--plans", "PLANS/nowhere"), "nowhere"),
        (("--plans", "PLANS/iot-dev-state.tfplan"), "terraform show -json"),
        (("--plans", "PLANS", "--shown", "PLANS/iot-dev-state.json"), "not a review in JSON"),
        (("--env", "no-such-environment"), "is not an environment"),
        (("--env", "staging"), "staging: no provider is selected"),
        (("--fail-on", "ok"), "'ok' is not one of"),
        (("--plans", "PLANS", "--out", "PLANS/manifest.json"), "manifest.json: is not a folder"),
    ],
)
def test_invalid_arguments_are_reported_in_one_sentence(
    first: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = run(*(each.replace("PLANS", str(first)) for each in arguments))
    assert (done.returncode, done.stdout) == (2, ""), done.stdout
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.copy(tmp_path_factory.mktemp("review") / "project")


def test_fail_on_sets_the_verdict_that_fails_the_command(project: Project, tmp_path: Path) -> None:
    project.edit("environments/dev.yaml", "ttl: 60", "ttl: 120")
    out = tmp_path / "review"
    done = project.try_here(f"iot-dr review --env dev --base HEAD --out {out} --fail-on warn")
    project.edit("environments/dev.yaml", "ttl: 120", "ttl: 60")
    assert done.returncode == 3, done.stderr
    assert done.stdout.splitlines()[1].startswith(
        "warn: the plan changes the device name's PRIMARY"
    )
    document = json.loads((out / "review.json").read_bytes())
    changed = {change["address"] for stack in document["stacks"] for change in stack["changes"]}
    assert changed == {
        "aws_lambda_function.watcher_eu_central_1",
        "aws_route53_record.regional_name",
        "aws_route53_record.failover_1_primary",
        "aws_route53_record.failover_1_secondary",
    }
    assert document["recovery"]["before"]["p99"] != document["recovery"]["after"]["p99"]
    assert document["recovery_point"] == {"is_compared": True, "before": None, "after": None}
    assert "none: the settings have no data block, so the registry" in done.stdout


def test_a_design_that_the_rules_reject_has_a_review(project: Project, tmp_path: Path) -> None:
    project.edit("environments/dev.yaml", "ttl: 60", "ttl: 300")
    out = tmp_path / "review"
    done = project.try_here(f"iot-dr review --env dev --out {out}")
    project.edit("environments/dev.yaml", "ttl: 300", "ttl: 60")
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines()[1].startswith("block: the rules reject this design")
    document = json.loads((out / "review.json").read_bytes())
    assert [each["rule"] for each in document["findings"]] == ["recovery-over-target"]


def test_an_environment_that_the_base_lacks_is_a_first_deployment(project: Project) -> None:
    dev = (project.folder / "environments" / "dev.yaml").read_text(encoding="utf-8")
    fresh = project.folder / "environments" / "fresh.yaml"
    fresh.write_text(dev.replace("environment: dev", "environment: fresh"), encoding="utf-8")
    done = project.try_here("iot-dr review --env fresh --provider standin --base HEAD")
    fresh.unlink()
    assert done.returncode == 0, done.stderr
    title, verdict = done.stdout.splitlines()[:2]
    assert title.startswith("Plan review of fresh, provider stand-in, against HEAD (")
    assert verdict.startswith("ok: a first deployment")
