"""The files of a sandbox: `s3/{bucket}/{key}`, and `buckets.json` with each bucket's region."""

import errno
import fcntl
import json
import os
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import NamedTuple, cast
from urllib.parse import quote, unquote

# What `quote` would leave as it is, and the file system would not; a lone % is no other segment's.
_SPECIAL = {"": "%", ".": "%2E", "..": "%2E%2E"}


def path_of(key: str) -> PurePosixPath:
    """Give the relative path of the file that holds the object `key`."""
    return PurePosixPath(*map(_encoded, key.split("/")))


def key_of(path: PurePosixPath) -> str | None:
    """Give the key whose file is at the relative path `path`; None for a file of something else."""
    key = "/".join("" if part == "%" else _decoded(part) for part in path.parts)
    return key if path_of(key) == path else None


def _encoded(segment: str) -> str:
    return _SPECIAL.get(segment) or quote(segment, safe="", errors="surrogatepass")


def _decoded(part: str) -> str:
    try:
        return unquote(part, errors="surrogatepass")
    except UnicodeDecodeError:
        return part


# docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_NANOSECONDS = 1e9


class ObjectName(NamedTuple):
    """Bucket and key of an object."""

    bucket: str
    key: str


class Stamp(NamedTuple):
    """What changes when a file is written anew: inode, time in nanoseconds, size in bytes."""

    inode: int
    written: int
    size: int

    @property
    def time(self) -> datetime:
        """When the file was written, in UTC."""
        return datetime.fromtimestamp(self.written / _NANOSECONDS, UTC)


class StoredObject(NamedTuple):
    """An object with its file and content."""

    name: ObjectName
    stamp: Stamp
    path: Path
    content: bytes


class SandboxFolder:
    """Buckets and objects as plain files, each replaced as a whole or not at all.

    Every method raises OSError, with the file's name, when the file system refuses or a file is not
    what this class wrote. All but `prepare` and `ending_in` are to be called inside `exclusive`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._objects = self._root / "s3"
        self._buckets = self._root / "buckets.json"
        self._draft = self._root / ".draft"

    def prepare(self) -> None:
        """Make the folder, closed to other users because states hold secrets, and try it out."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._objects.mkdir(exist_ok=True)
        with self.exclusive():
            # Also what a killed process has left of a file that it never acknowledged.
            self._draft.write_bytes(b"")
            self._draft.unlink()
            self.buckets()

    @contextmanager
    def exclusive(self) -> Generator[None]:
        """Keep every other thread and process out of this folder; death releases it."""
        handle = os.open(self._root / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def buckets(self) -> dict[str, str]:
        """Give the region of each bucket."""
        try:
            regions = json.loads(self._buckets.read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError:
            regions = None
        if not isinstance(regions, dict):
            told = "not a JSON object of bucket names and regions; delete the sandbox"
            raise OSError(errno.EINVAL, told, str(self._buckets))
        return cast("dict[str, str]", regions)

    def keep_buckets(self, regions: Mapping[str, str]) -> None:
        """Write the region of each bucket; a bucket that is no longer named is forgotten."""
        for name in regions:
            if not _BUCKET_NAME.fullmatch(name):
                raise OSError(errno.EINVAL, "S3 allows no such bucket name", name)
        self._replace(self._buckets, json.dumps(dict(regions), indent=2, sort_keys=True).encode())

    def objects(self) -> dict[ObjectName, Stamp]:
        """Give the objects of all buckets."""
        return {
            ObjectName(bucket, key): _stamp(path)
            for bucket in self.buckets()
            for path in _files_below(self._objects / bucket)
            if (key := key_of(PurePosixPath(path.relative_to(self._objects / bucket)))) is not None
        }

    def path(self, name: ObjectName) -> Path:
        """Give the file that holds an object."""
        return self._objects / name.bucket / path_of(name.key)

    def read(self, name: ObjectName) -> bytes:
        """Give the content of an object."""
        return self.path(name).read_bytes()

    def write(self, name: ObjectName, content: bytes) -> Stamp:
        """Store an object; the earlier one stands until the new one is whole."""
        path = self.path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._replace(path, content)
        except OSError:
            self._prune(path)
            raise
        return _stamp(path)

    def delete(self, name: ObjectName) -> None:
        """Remove an object, which may be gone already, and the folders that only it needed."""
        path = self.path(name)
        path.unlink(missing_ok=True)
        self._prune(path)

    def ending_in(self, suffix: str) -> list[StoredObject]:
        """Give the objects whose keys end in `suffix`, in order; none without a folder."""
        if not self._root.is_dir():
            return []
        with self.exclusive():
            return [
                StoredObject(name, stamp, self.path(name), self.read(name))
                for name, stamp in sorted(self.objects().items())
                if name.key.endswith(suffix)
            ]

    def _prune(self, path: Path) -> None:
        for parent in path.relative_to(self._objects).parents[:-1]:
            try:
                (self._objects / parent).rmdir()
            except OSError:
                return

    def _replace(self, path: Path, content: bytes) -> None:
        try:
            self._draft.write_bytes(content)
            self._draft.replace(path)
        except OSError as error:
            self._draft.unlink(missing_ok=True)
            # A full disk's error names no file.
            raise OSError(error.errno, error.strerror, str(path)) from error


def _stamp(path: Path) -> Stamp:
    status = path.stat()
    return Stamp(status.st_ino, status.st_mtime_ns, status.st_size)


def _files_below(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)
