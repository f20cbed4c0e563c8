"""Plain `cdktf deploy`, without `iot-dr`: it has only this project's app and stacks."""

from pathlib import Path
from subprocess import CompletedProcess

import pytest

from iot_dr.terraform.sandbox.states import states_in
from tests.support.executable import executable
from tests.support.project import Project, Shell
from tests.support.relay import lose_bucket

DEPLOY = "node_modules/.bin/cdktf deploy '*' --auto-approve --skip-provider-lock --no-color"
REFUSING = """\
#!/bin/sh
case $1.$(basename "$PWD") in
  version.*) echo '{"terraform_version": "1.12.0"}' ;;
  output.*) echo '{}' ;;
  apply.iot-dev-hosted-zone)
    cat <<'END'
│ Error: waiting for ACM Certificate (arn:aws:acm:...) to be issued: timeout while waiting for state
│
│   with aws_acm_certificate_validation.certificate,
END
    exit 1 ;;
esac
"""


def run(shell: Shell, **env: str) -> CompletedProcess[str]:
    """Deploy as a user of only cdktf does; the stand-in is in Terraform's place."""
    return shell.project.try_(DEPLOY, **{**shell.environment, "CI": "true", **env})


def test_a_fresh_environment_is_refused_with_the_command_that_creates_its_buckets(
    tmp_path: Path,
) -> None:
    project = Project.copy(tmp_path / "project")
    with project.terraform() as shell:
        for region in project.settings.regions:
            lose_bucket(project.sandbox, project.settings.state_bucket(region))
        done = run(shell)
    assert done.returncode != 0
    stderr = done.stdout + done.stderr
    assert "run `iot-dr state init --env dev` first" in stderr
    assert "Traceback" not in stderr
    assert states_in(project.sandbox) == []


@pytest.mark.exhaustive
def test_one_bucket_that_is_lost_is_left_to_terraform(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project")
    with project.terraform() as shell:
        lose_bucket(project.sandbox, project.settings.state_bucket(project.settings.regions[-1]))
        done = run(shell)
    assert done.returncode != 0
    assert "does not exist" in done.stdout + done.stderr
    assert "iot-dr state init" not in done.stdout + done.stderr


@pytest.mark.exhaustive
def test_the_error_of_a_certificate_that_is_not_issued_names_the_page_on_delegation(
    tmp_path: Path,
) -> None:
    project = Project.copy(tmp_path / "project")
    program = executable(tmp_path / "terraform", REFUSING)
    with project.terraform() as shell:
        done = run(shell, TERRAFORM_BINARY_NAME=str(program))
    assert done.returncode != 0
    message = "with aws_acm_certificate_validation.certificate (certificate/issued-once-the-parent-"
    assert f"{message}zone-leads-here:docs--runbooks--deploy.md)" in done.stdout + done.stderr
