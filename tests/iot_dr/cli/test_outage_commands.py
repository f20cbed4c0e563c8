"""Commands for an outage, in an environment whose promotion is wrong, which stops a rollout."""

import pytest

from tests.support.project import Project

# In no region of the environment: what refuses it has read the settings.
_ELSEWHERE = "sa-east-1"
_WHY = "promoted_from"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project.copy(tmp_path_factory.mktemp("outage") / "project", "pipeline")
    made.edit("environments/dev.yaml", "branch: main", f"branch: main\n  {_WHY}: nowhere")
    return made


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (f'switch away {_ELSEWHERE} --env dev --reason "it is down"', _ELSEWHERE),
        (f"rotate --region {_ELSEWHERE} --env dev --yes", _ELSEWHERE),
        (f"role plan --to {_ELSEWHERE}", _ELSEWHERE),
        (f"registry diff eu-west-1 {_ELSEWHERE}", _ELSEWHERE),
        (f"registry sync {_ELSEWHERE}", _ELSEWHERE),
        (f"registry seed --from eu-west-1 --to {_ELSEWHERE} --env dev --yes", _ELSEWHERE),
        ("registry status", "data"),
        ("state status", "no sandbox"),
        ("state unlock iot-dev-hosted-zone --id x --yes", "no sandbox"),
        (f"state promote --region {_ELSEWHERE} --yes", "no sandbox"),
        ("status", ""),
    ],
)
def test_a_wrong_promotion_is_not_what_ends_a_command_for_an_outage(
    project: Project, command: str, reason: str
) -> None:
    done = project.try_here(f"iot-dr {command}", AWS_EC2_METADATA_DISABLED="true")
    assert done.returncode != 0
    assert _WHY not in done.stderr
    assert reason in done.stderr


def test_a_wrong_promotion_stops_a_rollout(project: Project) -> None:
    for command in ("synth", "plan", "deploy"):
        done = project.try_here(f"iot-dr {command}")
        assert done.returncode == 2
        assert _WHY in done.stderr
