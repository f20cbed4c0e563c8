import fcntl
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from iot_dr.terraform.standin.cache import CACHE_VARIABLE, Bindings, SchemaCache
from iot_dr.terraform.standin.mirror import standin_environment
from iot_dr.terraform.standin.schema import Attribute

ZONE = "aws_route53_zone"


@pytest.mark.parametrize("version", ["", "1.0.0"], ids=["the engine's", "of another engine"])
def test_the_cache_that_is_named_is_used_unless_it_is_of_another_engines_provider(
    version: str, folder: Path, small_bindings: Bindings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(folder))
    SchemaCache(folder, replace(small_bindings, version=version or small_bindings.version))
    before = archive_in(folder).read_bytes()
    cache = SchemaCache.default()
    assert (folder in (cache.folder, *cache.folder.parents)) is (not version)
    assert archive_in(folder).read_bytes() == before


def is_whole(cache: SchemaCache) -> bool:
    comment = cache.block("resource", ZONE).attributes["comment"]
    return comment == Attribute("string", optional=True) and len(cache.response()) > 1000


def archive_in(folder: Path) -> Path:
    return folder / "schema.zip"


def test_the_first_use_derives_and_the_second_reads(
    folder: Path, small_bindings: Bindings, tmp_path: Path
) -> None:
    first = SchemaCache(folder, small_bindings)
    gone = Bindings(tmp_path / "no.tgz", small_bindings.version)
    assert is_whole(first)
    assert is_whole(SchemaCache(folder, gone))
    assert [path.name for path in folder.iterdir()] == ["schema.zip"]


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\5\6" + bytes(18)])
def test_a_corrupt_archive_is_made_again(
    folder: Path, small_bindings: Bindings, content: bytes
) -> None:
    folder.mkdir()
    archive_in(folder).write_bytes(content)
    assert is_whole(SchemaCache(folder, small_bindings))
    assert is_whole(SchemaCache(folder, small_bindings))


def test_a_flipped_byte_inside_is_noticed_and_made_good(
    folder: Path, small_bindings: Bindings
) -> None:
    SchemaCache(folder, small_bindings)
    content = bytearray(archive_in(folder).read_bytes())
    content[content.index(b"name_servers")] ^= 0xFF
    archive_in(folder).write_bytes(content)
    assert is_whole(SchemaCache(folder, small_bindings))


def test_a_folder_that_cannot_be_written_is_replaced_by_a_temporary_one(
    tmp_path: Path, small_bindings: Bindings
) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = SchemaCache(tmp_path / "file" / "standin", small_bindings)
    assert is_whole(cache)
    assert tmp_path not in cache.folder.parents
    assert Path(standin_environment(cache)["TF_CLI_CONFIG_FILE"]).is_file()


def reader(folder: Path, bindings: Bindings) -> "subprocess.Popen[bytes]":
    """Start a process that reads the schema, and derives it where there is none."""
    code = (
        "import sys; from pathlib import Path\n"
        "from iot_dr.terraform.standin.cache import SchemaCache\n"
        "from iot_dr.terraform.standin.cache import Bindings\n"
        "cache = SchemaCache(Path(sys.argv[1]), Bindings(Path(sys.argv[2]), sys.argv[3]))\n"
        f"assert cache.block('resource', '{ZONE}').attributes and cache.response()\n"
    )
    arguments = [str(folder), str(bindings.tarball), bindings.version]
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stderr=subprocess.PIPE)


def test_processes_that_race_all_find_a_whole_schema(
    folder: Path, small_bindings: Bindings
) -> None:
    racing = [reader(folder, small_bindings) for _ in range(3)]
    said = [process.communicate()[1] for process in racing]
    assert said == [b"", b"", b""]
    assert [path.name for path in folder.iterdir()] == ["schema.zip"]


def test_who_comes_while_another_derives_waits_and_reads_what_that_one_leaves(
    folder: Path, small_bindings: Bindings, tmp_path: Path
) -> None:
    SchemaCache(tmp_path / "other", small_bindings)
    folder.mkdir()
    locked = os.open(folder, os.O_RDONLY)
    fcntl.flock(locked, fcntl.LOCK_EX)
    late = reader(folder, Bindings(tmp_path / "no.tgz", small_bindings.version))
    waits = f"-> FLOCK  ADVISORY  WRITE {late.pid} "
    while late.poll() is None and waits not in Path("/proc/locks").read_text("utf-8"):
        pass
    archive_in(tmp_path / "other").rename(archive_in(folder))
    os.close(locked)
    assert late.communicate()[1] == b""


def test_a_type_that_the_provider_lacks_is_a_key_error(
    folder: Path, small_bindings: Bindings
) -> None:
    with pytest.raises(KeyError):
        SchemaCache(folder, small_bindings).block("resource", "aws_nothing")
