"""Change batches in files, with their inverses."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from iot_dr.observe.switch.record_sets import RecordSet
from iot_dr.operate.adopt.batch_folder import BACK, CUT_OVER, BatchFolder
from iot_dr.operate.adopt.change_batch import BatchFileError, ChangeBatch
from iot_dr.operate.adopt.situation import seconds_to_wait

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
    assert folder.back() == BATCH.inverse("Inverse of: cut over")
    assert sorted(each.name for each in folder.path.iterdir()) == [BACK, CUT_OVER]
    folder.prepare_back(folder.back())
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
    ],
)
def test_another_file_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / BACK).write_text(content, encoding="utf-8")
    with pytest.raises(BatchFileError, match="is not a change batch of iot-dr adopt"):
        BatchFolder(tmp_path).back()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BatchFileError, match=r"back\.json: cannot be read: No such file"):
        BatchFolder(tmp_path).back()


def test_the_former_ttl_is_waited_for(tmp_path: Path) -> None:
    folder = BatchFolder(tmp_path)
    assert folder.lowered() is None
    folder.note_lowered(3600)
    lowered = folder.lowered()
    assert lowered
    assert 3590 < seconds_to_wait(lowered.at, lowered.former) <= 3600
    later = datetime.now(UTC) + timedelta(seconds=3601)
    assert seconds_to_wait(lowered.at, lowered.former, later) == 0
    assert seconds_to_wait(None, 3600) == 0


def test_a_damaged_note_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "ttl-lowered.json").write_text('{"at": "yesterday"}', encoding="utf-8")
    with pytest.raises(BatchFileError, match="is not a note of adopt lower-ttl"):
        BatchFolder(tmp_path).lowered()
