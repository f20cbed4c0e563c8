from pathlib import Path

import pytest

from iot_dr.delivery.deploy.folder import DeployFolderError, deploy_folder


def test_the_folder_stays_and_keeps_itself_out_of_version_control(tmp_path: Path) -> None:
    with deploy_folder("dev", tmp_path / "root") as folder:
        (folder / "kept").touch()
    with deploy_folder("dev", tmp_path / "root") as folder:
        assert (folder / "kept").exists()
    assert (tmp_path / "root" / ".gitignore").read_text() == "*\n"


def test_a_second_deploy_of_an_environment_is_refused_while_the_first_runs(tmp_path: Path) -> None:
    with (
        deploy_folder("dev", tmp_path),
        deploy_folder("prod", tmp_path),
        pytest.raises(DeployFolderError, match="another deploy or destroy of dev runs"),
        deploy_folder("dev", tmp_path),
    ):
        pytest.fail("two at a time")
    with deploy_folder("dev", tmp_path):
        pass


def test_a_state_that_was_written_nowhere_else_is_not_lost(tmp_path: Path) -> None:
    state = tmp_path / "dev" / "out" / "stacks" / "iot-dev-state" / "errored.tfstate"
    state.parent.mkdir(parents=True)
    state.write_text("{}")
    with (
        pytest.raises(DeployFolderError, match=r"iot-dev-state/errored.tfstate: .* state push"),
        deploy_folder("dev", tmp_path),
    ):
        pytest.fail("it would be replaced")
    assert state.exists()
