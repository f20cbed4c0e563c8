"""The Terraform modules that cdktf and cdktn emit."""

from pathlib import Path

from iot_dr.bindings.engine import PROVIDERS
from tests.support.command import iot_dr


def test_both_engines_write_the_same_modules_to_the_byte(tmp_path: Path) -> None:
    emitted: list[dict[str, bytes]] = []
    for engine in PROVIDERS:
        folder = tmp_path / engine
        done = iot_dr("emit", "--all", "--out", str(folder), ENGINE=engine)
        assert (done.returncode, done.stderr) == (0, "")
        files = (file for file in folder.rglob("*") if file.is_file())
        emitted.append({str(file.relative_to(folder)): file.read_bytes() for file in files})
    assert emitted[0] == emitted[1]
    assert len(emitted[0]) > len(PROVIDERS)
