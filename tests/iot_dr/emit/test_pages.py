"""READMEs: what is pasted from them works, and the first one is about all modules."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from functions.registry.brake import Brake
from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.changelog import DATA, current_version, releases
from iot_dr.emit.emission import emit
from iot_dr.emit.pages import EXAMPLE_REPOSITORY, module_path
from iot_dr.terraform.terraform import PlanStatus, Terraform
from tests.scenarios.support.aws_command import asked
from tests.support.emitted import standin_commands
from tests.support.executable import executable
from tests.support.git import git

TAG = f"v{current_version(releases(DATA))}"
# A plan of the platform takes seconds.
NAMES = [
    name if name == "canary" else pytest.param(name, marks=pytest.mark.exhaustive)
    for name in CATALOGUE
]


@pytest.fixture(scope="module")
def served(modules: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Git's variables with which the address of the examples leads to the modules."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(modules, folder, dirs_exist_ok=True)
    for command in (["init", "-q"], ["add", "-Af"], ["commit", "-qm", "."], ["tag", TAG]):
        git(folder, *command)
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{folder}.insteadOf",
        "GIT_CONFIG_VALUE_0": EXAMPLE_REPOSITORY,
    }


def readme(modules: Path, name: str) -> str:
    return (modules / module_path(name) / "README.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return [each.content for each in MarkdownIt().parse(text) if each.info == language]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_pasted_from_a_readme_is_a_root_module(
    name: str, modules: Path, served: dict[str, str], tmp_path: Path
) -> None:
    *_, pasted = blocks(readme(modules, name), "hcl")
    (tmp_path / "main.tf").write_text(pasted, encoding="utf-8")
    with standin_commands(served) as commands:
        terraform = Terraform(tmp_path, commands, 300)
        terraform.init(backend=True)
        assert terraform.validate() == []
        assert terraform.plan(tmp_path / "plan") is PlanStatus.CHANGED


def test_the_first_page_leads_to_every_module(modules: Path) -> None:
    text = readme(modules, "platform")
    for name in CATALOGUE:
        folder = module_path(name).as_posix()
        assert f"\n| [`{name}`]({folder}) | " in text
        assert (modules / folder).is_dir()


def test_a_note_says_how_much_concurrency_functions_reserve(modules: Path) -> None:
    assert "reserve up to 20 concurrent" in readme(modules, "canary")
    registry = readme(modules, "device-registry")
    assert "up to 53 concurrent" in registry
    assert "`registry_apply` 30 (`var.parallelization_factor * 15`), " in registry
    watcher = "`watcher` 4 (`floor(((var.interval + 6) * max(var.threshold, 2) + 30) / 60) + 2`)"
    publisher = "`switch_publisher` 2"
    assert (
        f"up to 6 concurrent executions of a region's quota with the defaults: {watcher},"
        f" {publisher}." in readme(modules, "entry-point")
    )
    assert "up to 159 concurrent" in (modules / "README.md").read_text(encoding="utf-8")
    assert "concurrent executions" not in readme(modules, "hosted-zone")


def test_a_readme_calls_the_modules_where_they_are_published(tmp_path: Path) -> None:
    emit(["canary"], tmp_path, force=False, repository="https://git.example.org/ours.git")
    text = readme(tmp_path, "canary")
    assert f'"git::https://git.example.org/ours.git//modules/canary?ref={TAG}"' in text
    assert "and the names by yours.\n" in text


def test_the_command_that_releases_the_brake_is_that_of_the_functions(modules: Path) -> None:
    sent: list[dict[str, Any]] = []

    class Client:
        def update_item(self, **request: object) -> object:
            sent.append(request)
            return {}

    Brake(client=Client(), table="TABLE", region="REGION", percent=2).disengage(12_000)
    shown = re.search(r"`aws dynamodb (update-item .*?)`, then", readme(modules, "device-registry"))
    assert shown
    words = shlex.split(shown[1].replace("$(date +%s)", "12"))
    given = dict(zip(words[1::2], words[2::2], strict=True))
    assert json.loads(given["--key"]) == sent[0]["Key"]
    assert given["--update-expression"] == sent[0]["UpdateExpression"]
    values = json.loads(given["--expression-attribute-values"])
    assert values == sent[0]["ExpressionAttributeValues"]


# What two regions hold, in the form of the AWS CLI's text.
_AWS = r"""#!/bin/bash
printf '%q ' "$@" >> "$LOG"; echo >> "$LOG"
case "$2 $6 $4" in
  list-certificates*east*) printf 'certificate\tc1\tACTIVE\ncertificate\tc2\tACTIVE\n' ;;
  list-certificates*) printf 'certificate\tc1\tINACTIVE\ncertificate\tc2\tACTIVE\n' ;;
  list-things*) printf 't1\nboth\nat-%s\n' "$4" ;;
  describe-thing*) printf '[\n    null,\n    {}\n]\n' ;;
  list-thing-principals*t1*) echo "arn:aws:iot:$4:1:cert/$4" ;;
  list-thing-principals*) echo "arn:aws:iot:$4:1:cert/c" ;;
  list-policies*) printf 'both\np1\n' ;;
  get-policy*p1*) printf '{"Action":\n "%s"}\n' "$4" ;;
  get-policy*) printf '{"Resource":\n "arn:aws:iot:%s:1:*"}\n' "$4" ;;
esac
"""


def test_the_comparison_before_the_first_apply_names_what_both_regions_have_but_not_alike(
    modules: Path, tmp_path: Path
) -> None:
    (shown,) = (each for each in blocks(readme(modules, "platform"), "bash") if "aws iot" in each)
    assert shown in blocks(readme(modules, "device-registry"), "bash")
    executable(tmp_path / "aws", _AWS)
    log = tmp_path / "log"
    done = subprocess.run(
        ["/bin/bash", "-c", shown.replace("HOME", "us-east-1").replace("STANDBY", "eu-west-1")],
        cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin", "LOG": str(log)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("certificate c1\npolicy p1\nthing t1\n", "")
    assert {asked(f"aws {line}")[0] for line in log.read_text().splitlines()} == {"iot"}
