"""`iot-dr pipeline guard`, `variables`, `activate` and `verify` as a user runs them."""

import json
from pathlib import Path

import pytest

from iot_dr.common.output_folder import MANIFEST
from iot_dr.common.regular_file import KeptFile
from iot_dr.delivery.apply.plan_folder import manifest_in
from iot_dr.delivery.pipeline.variables import digest_of_plans_and_review
from iot_dr.terraform_json.plan_manifest import PlanManifest
from tests.support.command import iot_dr_here
from tests.support.json_output import result_of
from tests.support.pipeline import PIPELINE
from tests.support.project import Project

FILE = "environments/dev.yaml"
ACTIVATED = """\
environments/dev.yaml: pipeline.active_region: eu-west-1 -> eu-central-1
It takes effect with a commit; from then on the pipeline of eu-west-1 refuses:
  git commit -m "Roll dev out from eu-central-1" environments/dev.yaml
  git push origin HEAD:main
  aws codepipeline start-pipeline-execution --region eu-central-1 \
--name example-dev-pipeline-eu-central-1
An execution that began in eu-west-1 before continues with its own commit: reject
what waits for an approval there, and approve nothing in two regions.
Rollback, by the same steps:
  iot-dr pipeline activate --env dev --region eu-west-1
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A copy of this project whose dev has a pipeline in eu-west-1, standing by in eu-central-1."""
    return with_pipeline(tmp_path / "project")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same for the guard, which changes nothing."""
    return with_pipeline(tmp_path_factory.mktemp("guarded") / "project")


def with_pipeline(folder: Path) -> Project:
    made = Project.copy(folder)
    file = made.folder / FILE
    kept = file.read_text(encoding="utf-8").partition("\npipeline:")[0]
    file.write_text(f"{kept}\npipeline: {json.dumps(PIPELINE)} # rolls out\n", encoding="utf-8")
    made.commit()
    return made


def ended(project: Project, command: str) -> tuple[int, str, str]:
    done = project.try_here(f"iot-dr pipeline {command}")
    return done.returncode, done.stdout, done.stderr


def test_the_guard_says_what_it_lets_through(guarded: Project) -> None:
    assert ended(guarded, "guard --region eu-west-1") == (
        0, "dev: the pipeline of eu-west-1 is active and may roll out this commit\n", "",
    )  # fmt: skip
    wave = "--wave 3 --stacks iot-dev-iot-eu-central-1"
    assert ended(guarded, f"guard --region eu-west-1 {wave}") == (
        0, "dev: wave 3 is iot-dev-iot-eu-central-1\n", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        ("--region eu-central-1", 3, "pipeline.active_region: 'eu-west-1'"),
        ("--region eu-west-1 --env nowhere", 2, "nowhere"),
        ("--region eu-west-1 --env ../dev", 2, "'../dev' is not a name of an environment"),
        ("--region eu-west-1 --wave 3 --stacks one", 3, "wave 3 of this commit is"),
        ("--region eu-west-1 --wave 99 --stacks one", 3, "has waves 0 to 6 and no wave 99, and"),
        ("--region eu-west-1 --wave 3 --stacks ''", 2, "--stacks: must name one stack"),
        ("--region eu-west-1 --wave 3", 2, "--wave and --stacks: give both or neither"),
        ("--region eu-west-1 --passed-by false", 2, "--passed-by: needs --wave"),
        ("--region eu-west-1 --wave 3 --stacks one --passed-by ''", 2, "--passed-by: must be"),
        ("--region eu-west-1 --stacks one", 2, "--wave and --stacks: give both or neither"),
        ("--region eu-west-1 --wave -1 --stacks one", 2, "--wave"),
    ],
)
def test_the_guard_says_why_it_refuses_and_exits_by_it(
    guarded: Project, options: str, status: int, said: str
) -> None:
    returned, printed, error = ended(guarded, f"guard {options}")
    assert (returned, printed) == (status, "")
    assert said in error


def test_a_promoted_commit_is_asked_of_the_remote_of_the_checkout(project: Project) -> None:
    staging = (project.folder / FILE).read_text(encoding="utf-8").replace(": dev", ": staging", 1)
    block = json.dumps({**PIPELINE, "branch": "staging", "promoted_from": "dev"})
    staging = staging.partition("\npipeline:")[0] + f"\npipeline: {block}\n"
    (project.folder / "environments/staging.yaml").write_text(staging, encoding="utf-8")
    returned, _, error = ended(project, "guard --region eu-west-1 --env staging")
    assert (returned, "it is unknown whether main, the branch of dev, contains" in error) == (
        1,
        True,
    )


def test_activate_changes_the_file_and_prints_the_remaining_steps(project: Project) -> None:
    file = project.folder / FILE
    before = file.read_text(encoding="utf-8")
    assert ended(project, "activate --region eu-central-1") == (0, ACTIVATED, "")
    changed = before.replace('"active_region": "eu-west-1"', '"active_region": eu-central-1')
    assert file.read_text(encoding="utf-8") == changed
    assert ended(project, "activate --region eu-central-1") == (
        0, "dev: the pipeline of eu-central-1 is already the active one: no change.\n", "",
    )  # fmt: skip


def test_activate_prints_the_same_as_json(project: Project) -> None:
    status, printed, _ = ended(project, "activate --region eu-central-1 --json")
    document = result_of(printed)
    start = "aws codepipeline start-pipeline-execution --region eu-central-1"
    assert (status, document["changed"], document["from"], document["to"]) == (
        0, True, "eu-west-1", "eu-central-1",
    )  # fmt: skip
    assert document["commands"][-1] == f"{start} --name example-dev-pipeline-eu-central-1"
    assert document["rollback_command"] == "iot-dr pipeline activate --env dev --region eu-west-1"
    # prose: allow way back - the old name of the key
    assert document["way_back"] == document["rollback_command"]
    again = result_of(ended(project, "activate --region eu-central-1 --json")[1])
    assert (again["changed"], again["commands"], again["rollback_command"]) == (False, [], None)


def test_a_region_without_a_pipeline_cannot_be_activated(project: Project) -> None:
    status, printed, error = ended(project, "activate --region us-east-1")
    assert (status, printed) == (2, "")
    assert "--region us-east-1: has no connection in environments/dev.yaml" in error


def test_variables_are_printed_for_a_shell(tmp_path: Path) -> None:
    made = '{"format": 1, "verdict": "ok", "reason": "nothing changes", "stacks": []}'
    file = tmp_path / "review.json"
    file.write_text(made, encoding="utf-8")
    plans = empty_plans(tmp_path / "plans")
    done = iot_dr_here("pipeline", "variables", str(file), "--plans", str(plans))
    digest = digest_of_plans_and_review(manifest_in(plans), KeptFile.read(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        *("HAS_CHANGES=false", "PASSED_BY=false", "VERDICT=ok", "REASON='nothing changes'"),
        f"PLANS_SHA256={digest}",
    ]
    assert iot_dr_here("pipeline", "variables", str(file)).returncode == 2
    assert iot_dr_here("pipeline", "variables", str(file), "--plans", str(tmp_path)).returncode == 2
    assert iot_dr_here("pipeline", "variables", "", "--plans", str(plans)).returncode == 2


def empty_plans(folder: Path) -> Path:
    """Keep the manifest of a wave whose stacks nobody names."""
    folder.mkdir()
    made = PlanManifest(
        format=1, environment="dev", provider="standin", wave=3, base=None, stacks=()
    )
    (folder / MANIFEST).write_bytes(made.encoded())
    return folder


@pytest.mark.parametrize("command", ["guard", "variables", "activate", "verify"])
def test_each_command_shows_an_example(command: str) -> None:
    helped = iot_dr_here("pipeline", command, "--help")
    assert f"Example: iot-dr pipeline {command} " in helped.stdout
