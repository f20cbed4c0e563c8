"""Change batches in files, with their inverses."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from iot_dr.observe.switch.record_sets import RecordSet
from iot_dr.operate.adopt.batch_folder import BACK, CUT_OVER, BatchFolder
from iot_dr.operate.adopt.change_batch import BatchFileError, ChangeBatch
from iot_dr.operate.adopt.situation import seconds_until

OLD: RecordSet = {"Name": "a", "Type": "CNAME"}
PAIR: tuple[RecordSet, ...] = (
    {"Name": "a", "Type": "CNAME", "SetIdentifier": "primary"},
    {"Name": "a", "Type": "CNAME", "SetIdentifier": "secondary"},
)
BATCH = ChangeBatch("cut over", (OLD,), PAIR)


def test_a_batch_deletes_before_it_creates() -> None:
    assert BATCH.content == {
        "Comment": "cut over",
        "Changes": [
            {"Action": "DELETE", "ResourceRecordSet": OLD},
            *({"Action": "CREATE", "ResourceRecordSet": record} for record in PAIR),
        ],
    }
    assert len(ChangeBatch("x" * 999, (), ()).content["Comment"]) == 256


def test_the_inverse_of_the_inverse_is_the_batch() -> None:
    assert BATCH.inverse("back").inverse("cut over") == BATCH


def test_both_are_written_before_a_batch_is_sent(tmp_path: Path) -> None:
    folder = BatchFolder(tmp_path / "adopt-dev")
    folder.prepare_cut_over(BATCH)
    assert ChangeBatch.read(folder.path / CUT_OVER) == BATCH
    assert folder.back("a") == BATCH.inverse("Inverse of: cut over")
    assert sorted(each.name for each in folder.path.iterdir()) == [BACK, CUT_OVER]
    folder.prepare_back(folder.back("a"))
    assert ChangeBatch.read(folder.path / CUT_OVER).created == PAIR


def test_a_batch_is_not_there_without_its_inverse(tmp_path: Path) -> None:
    folder = BatchFolder(tmp_path)
    (tmp_path / BACK).mkdir()
    with pytest.raises(OSError, match=BACK):
        folder.prepare_cut_over(BATCH)
    assert not (tmp_path / CUT_OVER).exists()


@pytest.mark.parametrize(
    "content",
    [
        "text",
        "[]",
        "{}",
        json.dumps({"Changes": [{"Action": "UPSERT", "ResourceRecordSet": OLD}]}),
        json.dumps({"Changes": [OLD]}),
        json.dumps({"Changes": [{"Action": "CREATE", "ResourceRecordSet": "a"}]}),
    ],
)
def test_another_file_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / BACK).write_text(content, encoding="utf-8")
    with pytest.raises(BatchFileError, match="is not a change batch of iot-dr adopt"):
        BatchFolder(tmp_path).back("a")


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    for name in (BACK, "ttl-lowered.json"):
        os.mkfifo(tmp_path / name)
    with pytest.raises(BatchFileError, match="it is not a regular file"):
        BatchFolder(tmp_path).back("a")
    with pytest.raises(BatchFileError, match="it is not a regular file"):
        BatchFolder(tmp_path).lowered()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BatchFileError, match=r"back\.json: cannot be read: No such file"):
        BatchFolder(tmp_path).back("a")


def test_the_former_ttl_is_waited_for(tmp_path: Path) -> None:
    folder = BatchFolder(tmp_path)
    assert folder.lowered() is None
    folder.note_lowered(3600)
    lowered = folder.lowered()
    assert lowered
    assert 3590 < seconds_until(lowered.until) <= 3600
    later = datetime.now(UTC) + timedelta(seconds=3601)
    assert seconds_until(lowered.until, later) == 0


def test_a_ttl_that_is_lowered_twice_is_waited_for_from_the_longer_one(tmp_path: Path) -> None:
    folder = BatchFolder(tmp_path)
    waits: list[float] = []
    for former in (900, 300, 1800):
        folder.note_lowered(former)
        lowered = folder.lowered()
        assert lowered
        waits.append(seconds_until(lowered.until))
    assert [890 < wait <= 900 for wait in waits[:2]] == [True, True]
    assert waits[2] > 1790


def test_a_note_without_a_time_zone_has_that_of_this_machine(tmp_path: Path) -> None:
    at = datetime.now(UTC).astimezone().replace(tzinfo=None, microsecond=0)
    note = json.dumps({"at": at.isoformat(), "former": 60})
    (tmp_path / "ttl-lowered.json").write_text(note, encoding="utf-8")
    lowered = BatchFolder(tmp_path).lowered()
    assert lowered
    assert 50 < seconds_until(lowered.until) <= 60


@pytest.mark.parametrize(
    ("created", "what"),
    [((), "nothing"), (({**OLD, "Name": "B."},), "b"), ((OLD, {**OLD, "Name": "b"}), ".*b.*")],
)
def test_a_batch_that_restores_another_name_is_refused(
    created: tuple[RecordSet, ...], what: str, tmp_path: Path
) -> None:
    ChangeBatch("back", PAIR, created).write(tmp_path / BACK)
    with pytest.raises(BatchFileError, match=f"restores {what} instead of a; --folder names"):
        BatchFolder(tmp_path).back("a")


@pytest.mark.parametrize(
    "note",
    [
        '{"at": "yesterday"}',
        '{"at": "0001-01-01T00:00:00+23:59", "former": 1}',
        '{"at": "2026-01-02T03:04:05+00:00", "former": 1e18}',
    ],
)
def test_a_damaged_note_is_an_error(note: str, tmp_path: Path) -> None:
    (tmp_path / "ttl-lowered.json").write_text(note, encoding="utf-8")
    with pytest.raises(BatchFileError, match="is not a note of adopt lower-ttl"):
        BatchFolder(tmp_path).lowered()


def test_a_ttl_that_is_lowered_twice_is_restored_to_the_first(tmp_path: Path) -> None:
    folder = BatchFolder(tmp_path)
    hour, minute, half = ({**OLD, "TTL": ttl} for ttl in (3600, 60, 30))
    folder.prepare_lower_ttl(ChangeBatch("lower", (hour,), (minute,)))
    folder.prepare_lower_ttl(ChangeBatch("lower", (minute,), (half,)))
    restored = ChangeBatch.read(tmp_path / "restore-ttl.json")
    assert (restored.deleted, restored.created) == ((half,), (hour,))
    other = {**OLD, "TTL": 900}
    folder.prepare_lower_ttl(ChangeBatch("lower", (other,), (minute,)))
    restored = ChangeBatch.read(tmp_path / "restore-ttl.json")
    assert (restored.deleted, restored.created) == ((minute,), (other,))
