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

# Segments that `quote` leaves unchanged and a file system does not accept as names. No other
# segment is encoded as a single %.
_SPECIAL = {"": "%", ".": "%2E", "..": "%2E%2E"}


def path_of(key: str) -> PurePosixPath:
    """Return the relative path of the file that stores the object `key`."""
    return PurePosixPath(*map(_encoded, key.split("/")))


def key_of(path: PurePosixPath) -> str | None:
    """Return the key of the object stored at a relative path; None for other files."""
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


class FileStamp(NamedTuple):
    """The identity of a file's content: inode, time of writing in nanoseconds, size in bytes."""

    inode: int
    written: int
    size: int

    @property
    def time(self) -> datetime:
        """When the file was written, in UTC."""
        return datetime.fromtimestamp(self.written / _NANOSECONDS, UTC)


class SandboxObject(NamedTuple):
    """An object with its file and content."""

    name: ObjectName
    stamp: FileStamp
    path: Path
    content: bytes


class SandboxFolder:
    """Buckets and objects as plain files, each replaced as a whole or not at all.

    Methods raise OSError, with the file's name, if the file system refuses or a file was not
    written by this class. All but `prepare` and `ending_in` must be called inside `exclusive`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._objects = self._root / "s3"
        self._buckets = self._root / "buckets.json"
        self._draft = self._root / ".draft"

    def prepare(self) -> None:
        """Create the folder, closed to other users because states hold secrets; test writing."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._objects.mkdir(exist_ok=True)
        with self.exclusive():
            # Removes the draft of a killed process too; it was never acknowledged.
            self._draft.write_bytes(b"")
            self._draft.unlink()
            self.buckets()

    @contextmanager
    def exclusive(self) -> Generator[None]:
        """Lock the folder against other threads and processes; released if this one dies."""
        handle = os.open(self._root / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def buckets(self) -> dict[str, str]:
        """Return the region of each bucket."""
        try:
            regions = json.loads(self._buckets.read_bytes())
        except FileNotFoundError:
            return {}
        except (ValueError, RecursionError):
            regions = None
        if not isinstance(regions, dict):
            problem = "not a JSON object of bucket names and regions; delete the sandbox"
            raise OSError(errno.EINVAL, problem, str(self._buckets))
        return cast("dict[str, str]", regions)

    def keep_buckets(self, regions: Mapping[str, str]) -> None:
        """Write the region of each bucket; buckets that are not in `regions` are forgotten.

        Raises OSError, too, for a name that S3 does not allow.
        """
        for name in regions:
            if not _BUCKET_NAME.fullmatch(name):
                raise OSError(errno.EINVAL, "S3 allows no such bucket name", name)
        self._replace(self._buckets, json.dumps(dict(regions), indent=2, sort_keys=True).encode())

    def objects(self) -> dict[ObjectName, FileStamp]:
        """Return the stamps of the objects of all buckets; other files are ignored."""
        return {
            ObjectName(bucket, key): _stamp(path)
            for bucket in self.buckets()
            for path in _files_below(self._objects / bucket)
            if (key := key_of(PurePosixPath(path.relative_to(self._objects / bucket)))) is not None
        }

    def path(self, name: ObjectName) -> Path:
        """Return the file that stores an object."""
        return self._objects / name.bucket / path_of(name.key)

    def stamp(self, name: ObjectName) -> FileStamp:
        """Return the stamp of an object."""
        return _stamp(self.path(name))

    def read(self, name: ObjectName) -> bytes:
        """Return the content of an object."""
        return self.path(name).read_bytes()

    def write(self, name: ObjectName, content: bytes) -> FileStamp:
        """Store an object; the earlier content stays until the new file is complete."""
        path = self.path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._replace(path, content)
        except OSError:
            self._prune(path)
            raise
        return _stamp(path)

    def delete(self, name: ObjectName) -> None:
        """Remove an object, if it exists, and folders that become empty."""
        path = self.path(name)
        # What has its name may be a folder, and what should contain it a file.
        if path.is_file():
            path.unlink(missing_ok=True)
            self._prune(path)

    def ending_in(self, suffix: str) -> list[SandboxObject]:
        """Return the objects whose keys end in `suffix`, sorted; empty if there is no folder."""
        if not self._root.is_dir():
            return []
        with self.exclusive():
            return [
                SandboxObject(name, stamp, self.path(name), self.read(name))
                for name, stamp in sorted(self.objects().items())
                if name.key.endswith(suffix)
            ]

    def _prune(self, path: Path) -> None:
        for parent in path.relative_to(self._objects).parents[:-1]:
            try:
                # Fails at the first folder that is not empty; those above it are not either.
                (self._objects / parent).rmdir()
            except OSError:
                return

    def _replace(self, path: Path, content: bytes) -> None:
        try:
            self._draft.write_bytes(content)
            self._draft.replace(path)
        except OSError as error:
            self._draft.unlink(missing_ok=True)
            # The error of a full disk names no file.
            raise OSError(error.errno, error.strerror, str(path)) from error


def _stamp(path: Path) -> FileStamp:
    status = path.stat()
    return FileStamp(status.st_ino, status.st_mtime_ns, status.st_size)


def _files_below(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)
