"""Commands for an outage, in an environment whose promotion is wrong, which stops a rollout."""

import os

import pytest

from iot_dr.observe.status.network import NETWORK, Network, QueryLimits
from tests.support.project import Project
from tests.support.within import within

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
        (f"registry diff eu-west-1 {_ELSEWHERE}", _ELSEWHERE),
        (f"registry sync {_ELSEWHERE}", _ELSEWHERE),
        ("registry status", "data: is missing or null, so the registry is not replicated"),
        ("state status", "no sandbox"),
        ("state unlock iot-dev-hosted-zone --id x --yes", "no sandbox"),
        (f"state promote --region {_ELSEWHERE} --yes", "no sandbox"),
        (f"state abandon --region {_ELSEWHERE}", "no sandbox"),
    ],
)
def test_a_wrong_promotion_is_not_what_ends_a_command_for_an_outage(
    project: Project, command: str, reason: str
) -> None:
    done = project.try_here(f"iot-dr {command}")
    assert done.returncode != 0
    assert _WHY not in done.stderr
    assert reason in done.stderr


def test_a_wrong_promotion_is_not_what_ends_a_status(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    nobody = Network(resolvers=(), limits=QueryLimits(dns=1, tls=1, total=2))
    none = str(project.folder / "none")
    with within(NETWORK, nobody):
        done = project.try_here(
            "iot-dr status",
            AWS_EC2_METADATA_DISABLED="true",
            AWS_CONFIG_FILE=none,
            AWS_SHARED_CREDENTIALS_FILE=none,
        )
    assert done.returncode == 1
    assert done.stdout.startswith("dev: unknown: no query was answered; ")


def test_a_wrong_promotion_stops_a_rollout(project: Project) -> None:
    seed = "registry seed --from eu-west-1 --to eu-central-1 --env dev --yes"
    for command in ("synth", "plan", "deploy", "state init", seed):
        done = project.try_here(f"iot-dr {command}")
        assert done.returncode == 2
        assert _WHY in done.stderr
