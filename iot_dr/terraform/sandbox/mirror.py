"""moto's memory, kept the same as the folder."""

from collections.abc import Iterable
from typing import NamedTuple, cast

from moto.s3.models import FakeBucket, FakeKey, S3Backend, s3_backends

from iot_dr.terraform.sandbox.folder import ObjectName, SandboxFolder, Stamp


class _Known(NamedTuple):
    stamp: Stamp
    key: FakeKey


class Mirror:
    """Brings moto up to the folder before a request, and the folder up to moto after it.

    So the folder is the only truth: several servers may share it, and a person may change it. moto
    alone knows versions, tags and other properties of objects and buckets, until it ends.
    """

    def __init__(self, folder: SandboxFolder, account_id: str) -> None:
        self._folder = folder
        self._account_id = account_id
        self._regions: dict[str, str] = {}
        self._known: dict[ObjectName, _Known] = {}

    def pull(self) -> None:
        """Take over what changed in the folder."""
        self._regions = self._folder.buckets()
        for name in _buckets().keys() - self._regions.keys():
            _forget_bucket(name)
        for name in self._regions.keys() - _buckets().keys():
            self._backend().create_bucket(name, self._regions[name])
        stored = self._folder.objects()
        for name in self._known.keys() - stored.keys():
            self._forget(name)
        for name, stamp in stored.items():
            if name not in self._known or self._known[name].stamp != stamp:
                self._known[name] = _Known(stamp, self._load(name, stamp))

    def push(self) -> None:
        """Store what changed in moto; raises OSError when the folder does not take it."""
        regions = {name: bucket.region_name for name, bucket in _buckets().items()}
        if regions != self._regions:
            self._folder.keep_buckets(regions)
            self._regions = regions
        current = _objects()
        for name in self._changed(current):
            if name in current:
                self._store(name, current[name])
            else:
                self._folder.delete(name)
                del self._known[name]

    def revert(self) -> None:
        """Drop from moto what the folder did not take; the next `pull` brings back what it has."""
        for name in self._changed(_objects()):
            self._forget(name)
        for name in _buckets().keys() - self._regions.keys():
            _forget_bucket(name)

    def _changed(self, current: dict[ObjectName, FakeKey]) -> set[ObjectName]:
        kept = {name for name, known in self._known.items() if current.get(name) is known.key}
        return (current.keys() | self._known.keys()) - kept

    def _store(self, name: ObjectName, key: FakeKey) -> None:
        self._known[name] = _Known(self._folder.write(name, key.value), key)

    def _load(self, name: ObjectName, stamp: Stamp) -> FakeKey:
        content = self._folder.read(name)
        key = self._backend().put_object(*name, content, disable_notification=True)
        key.last_modified = stamp.time.replace(tzinfo=None)
        return key

    def _forget(self, name: ObjectName) -> None:
        self._known.pop(name, None)
        bucket = _buckets().get(name.bucket)
        if bucket and name.key in bucket.keys:
            bucket.keys.pop(name.key)

    def _backend(self) -> S3Backend:
        return s3_backends[self._account_id]["aws"]


def _buckets() -> dict[str, FakeBucket]:
    # A role of another account, or a region of another partition, has a backend of its own.
    owners = s3_backends.bucket_accounts.items()
    return {name: s3_backends[account][part].buckets[name] for name, (part, account) in owners}


def _forget_bucket(name: str) -> None:
    partition, account = s3_backends.bucket_accounts.pop(name)
    del s3_backends[account][partition].buckets[name]


def _objects() -> dict[ObjectName, FakeKey]:
    return {
        ObjectName(bucket_name, key_name): current
        for bucket_name, bucket in _buckets().items()
        for key_name, current in cast("Iterable[tuple[str, object]]", bucket.keys.items())
        # The rest are delete markers.
        if isinstance(current, FakeKey)
    }
