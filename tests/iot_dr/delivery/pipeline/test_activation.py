import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.errors import SettingsError
from environments.loader import load
from iot_dr.common.user_error import UserError
from iot_dr.delivery.pipeline.activation import Activation, NoPipelineError, with_active
from tests.iot_dr.delivery.pipeline.environment_files import write, write_without

WEST, CENTRAL = "eu-west-1", "eu-central-1"
CONNECTIONS = {
    region: f"arn:aws:codeconnections:{region}:111111111111:connection/"
    "00000000-0000-4000-8000-000000000001"
    for region in (WEST, CENTRAL)
}
HEAD = """\
# the settings; active_region: eu-west-1
project: example # active
environment: dev
domain: example.com
account_id: "111111111111"
regions: [eu-west-1, eu-central-1]
state: { bucket_prefix: example-iot }
"""
BLOCK = f"""\
pipeline: # one is active: the other stands
  repository: example/iot-platform
  branch: main
  active_region:   ACTIVE   # who rolls out
  connections:
    eu-west-1: {CONNECTIONS[WEST]}
    eu-central-1: {CONNECTIONS[CENTRAL]}
tags: {{ active_region: eu-west-1 }}
"""
FLOW = f"""\
pipeline: {{repository: example/iot-platform, branch: main, active: ACTIVE, connections: {{
  eu-west-1: "{CONNECTIONS[WEST]}", eu-central-1: "{CONNECTIONS[CENTRAL]}"}} }} # end"""


def file_with(folder: Path, text: str) -> Path:
    file = folder / "dev.yaml"
    file.write_bytes(text.encode())
    return file


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("written", ["eu-west-1", '"eu-west-1"', "'eu-west-1'"])
@pytest.mark.parametrize("block", [BLOCK, FLOW], ids=["block", "flow, old name"])
def test_nothing_but_the_active_region_changes(
    tmp_path: Path, block: str, written: str, end: str
) -> None:
    text = f"{HEAD}{block}".replace("\n", end)
    file = file_with(tmp_path, text.replace("ACTIVE", written))
    Activation.of("dev", CENTRAL, tmp_path).write()
    assert file.read_bytes().decode() == text.replace("ACTIVE", CENTRAL)
    pipeline = load("dev", {}, tmp_path).pipeline
    assert pipeline is not None
    assert (pipeline.active_region, {*pipeline.connections}) == (CENTRAL, {CENTRAL, WEST})


@given(st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), max_size=30))
def test_whatever_a_comment_holds_it_stands(comment: str) -> None:
    west, central = (
        f"# {comment}\n{f'{HEAD}{BLOCK}'.replace('ACTIVE', region)}# {comment}"
        for region in (WEST, CENTRAL)
    )
    assert with_active(west, CENTRAL) == central


def test_there_and_back_is_the_same_file(tmp_path: Path) -> None:
    file = file_with(tmp_path, f"{HEAD}{BLOCK}".replace("ACTIVE", WEST))
    before = file.read_bytes()
    for region in (CENTRAL, WEST):
        Activation.of("dev", region, tmp_path).write()
    assert file.read_bytes() == before


def test_the_one_that_is_active_already_leaves_the_file_alone(tmp_path: Path) -> None:
    file = write(tmp_path, "dev")
    before = file.stat()
    activation = Activation.of("dev", WEST, tmp_path)
    activation.write()
    after = file.stat()
    assert not activation.is_change
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_file_keeps_its_mode_and_no_temporary_file_remains(tmp_path: Path) -> None:
    file = write(tmp_path, "dev")
    file.chmod(0o640)
    Activation.of("dev", CENTRAL, tmp_path).write()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_cannot_be_written_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, "dev")
    before = file.read_bytes()

    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", full)
    with pytest.raises(UserError, match=r"dev\.yaml: cannot be written: No space left on device"):
        Activation.of("dev", CENTRAL, tmp_path).write()
    assert file.read_bytes() == before


@pytest.mark.parametrize("region", ["us-east-1", "", "nowhere", "\x1b[2J"])
def test_a_region_without_a_connection_is_refused(tmp_path: Path, region: str) -> None:
    write(tmp_path, "dev")
    with pytest.raises(NoPipelineError, match="allowed: eu-central-1 or eu-west-1") as refused:
        Activation.of("dev", region, tmp_path)
    assert str(refused.value).isprintable()
    assert refused.value.status == 2


def test_an_environment_without_a_pipeline_has_none_to_activate(tmp_path: Path) -> None:
    write_without(tmp_path, "dev")
    with pytest.raises(NoPipelineError, match=r"dev\.yaml: pipeline: is not there"):
        Activation.of("dev", WEST, tmp_path)


def test_a_file_with_a_mistake_is_reported_and_left(tmp_path: Path) -> None:
    file = file_with(tmp_path, f"{HEAD}{BLOCK}".replace("ACTIVE", "eu-west-9"))
    before = file.read_bytes()
    with pytest.raises(SettingsError, match=r"dev\.yaml:\d+: pipeline\.active"):
        Activation.of("dev", CENTRAL, tmp_path)
    assert file.read_bytes() == before
