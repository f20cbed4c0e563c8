"""The full log of a run."""

from pathlib import Path

from iot_dr.terraform.run_log import RunLog


def test_the_log_is_its_owners_alone_and_the_one_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "deploy.log"
    for number in range(3):
        printed: list[str] = []
        with RunLog(path).announced(printed.append) as log:
            log.write(f"run {number}")
        assert printed == [f"The full log: {path}"]
    assert path.read_text() == "run 2\n"
    assert path.with_name("deploy.log.1").read_text() == "run 1\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_was_logged_is_in_the_file_while_the_run_goes_on(tmp_path: Path) -> None:
    with RunLog(tmp_path / "up.log").announced(lambda _: None) as log:
        log.write("a line")
        assert (tmp_path / "up.log").read_text() == "a line\n"


def test_a_run_that_logs_nothing_leaves_the_log_before_and_names_none(tmp_path: Path) -> None:
    printed: list[str] = []
    with RunLog(tmp_path / "up.log").announced(printed.append):
        pass
    assert printed == []
    assert list(tmp_path.iterdir()) == []


def test_messages_for_machines_are_text_and_what_holds_secrets_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "up.log"
    error = """{"@message": "Error: refused", "diagnostic": {"detail": "by AWS"}}"""
    with RunLog(path).announced(lambda _: None) as log:
        log.note(
            "iot-dev-state", "apply", f"""{{"@message": "zone: Creating..."}}\nplain\n{error}"""
        )
        log.note("iot-dev-state", "show", "a secret")
        log.note("iot-dev-state", "output", "a secret")
    head, *lines = path.read_text().strip().splitlines()
    assert head.startswith("== iot-dev-state: terraform apply, ended ")
    assert lines == ["zone: Creating...", "plain", "Error: refused", "by AWS"]


def test_a_log_that_cannot_be_written_does_not_end_the_run_and_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "file" / "deploy.log"
    (tmp_path / "file").write_text("")
    printed: list[str] = []
    with RunLog(path).announced(printed.append) as log:
        log.write("a line")
    assert printed == [f"The full log: {path} (not whole: Not a directory)"]
