"""The S3 and STS APIs: moto answers, and the folder stores the result.

Only these two services of moto are imported, and not its server, which needs Flask.
"""

from collections.abc import Callable, Iterable
from hmac import compare_digest
from http import HTTPStatus
from io import BytesIO
from typing import NamedTuple, cast
from wsgiref.types import StartResponse, WSGIEnvironment

from moto.core.common_types import TYPE_RESPONSE
from moto.core.request import Request
from moto.s3.models import FakeBucket, FakeKey, S3Backend, s3_backends
from moto.s3.responses import S3Response
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from iot_dr.terraform.sandbox.answers import error, not_stored, signing_key
from iot_dr.terraform.sandbox.folder import FileStamp, ObjectName, SandboxFolder


class _Known(NamedTuple):
    stamp: FileStamp
    key: FakeKey


class MotoMirror:
    """Copies the folder's changes into moto before a request, and moto's to the folder after it.

    So the folder is the only source of truth: several servers may share it, and a person may change
    it. Versions, tags and other properties of objects and buckets are in moto's memory only.
    """

    def __init__(self, folder: SandboxFolder, account_id: str) -> None:
        self._folder = folder
        self._account_id = account_id
        self._regions: dict[str, str] = {}
        self._known: dict[ObjectName, _Known] = {}

    def pull(self) -> None:
        """Load what changed in the folder into moto; raises OSError if it cannot be read."""
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
        """Store what changed in moto; raises OSError if the folder cannot store it."""
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
        """Drop what could not be stored from moto; the next `pull` loads the folder's content."""
        for name in self._changed(_objects()):
            self._forget(name)
        for name in _buckets().keys() - self._regions.keys():
            _forget_bucket(name)

    def _changed(self, current: dict[ObjectName, FakeKey]) -> set[ObjectName]:
        kept = {name for name, known in self._known.items() if current.get(name) is known.key}
        return (current.keys() | self._known.keys()) - kept

    def _store(self, name: ObjectName, key: FakeKey) -> None:
        self._known[name] = _Known(self._folder.write(name, key.value), key)

    def _load(self, name: ObjectName, stamp: FileStamp) -> FakeKey:
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


_Handler = Callable[[Request, str, dict[str, str]], TYPE_RESPONSE]


class S3Application:
    """A WSGI application that answers a request only once its result is in the folder.

    S3 requests run one after another, across all servers of the folder: moto does not guard its
    check-then-write, on which Terraform's lock file depends. A request is refused unless it is
    signed with the access key `key` or that of a role assumed with it; the signature itself is not
    verified.
    """

    def __init__(self, folder: SandboxFolder, account_id: str, key: str) -> None:
        self._folder = folder
        self._account_id = account_id
        self._key = key
        self._mirror = MotoMirror(folder, account_id)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            response = self._answer(_whole(environ))
        except HTTPException as error:
            return error.get_response(environ)(environ, start_response)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if not self._takes(request):
            return error(
                HTTPStatus.FORBIDDEN, "InvalidAccessKeyId", "The key is not that of this sandbox."
            )
        if "/sts/aws4_request" in request.headers.get("Authorization", ""):
            return _called(TokenResponse.dispatch, request)
        try:
            with self._folder.exclusive():
                return self._stored(request)
        except OSError as problem:
            return not_stored(problem)

    def _takes(self, request: Request) -> bool:
        signed = signing_key(request.headers.get("Authorization", ""))
        roles = sts_backends[self._account_id]["aws"].assumed_roles
        keys = [self._key, *(role.access_key_id for role in roles)]
        return any(compare_digest(signed, key) for key in keys)

    def _stored(self, request: Request) -> Response:
        self._mirror.pull()
        try:
            response = _called(_s3_handler(request), request)
            self._mirror.push()
        except BaseException:
            self._mirror.revert()
            raise
        return response


def _whole(environ: WSGIEnvironment) -> Request:
    """Read the body to its end before any lock is taken; raises ClientDisconnected if it is cut."""
    body = Request(environ).get_data()
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return Request({**environ, "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))})


def _s3_handler(request: Request) -> _Handler:
    bucket, _, key = request.raw_path.lstrip("/").partition("/")
    if key:
        return S3Response.key_dispatch
    return S3Response.ambiguous_dispatch if bucket else S3Response.bucket_dispatch


def _called(handler: _Handler, request: Request) -> Response:
    status, headers, content = handler(request, request.raw_url, dict(request.headers))
    response = Response(content, status, headers)
    if request.method == "HEAD" and "content-length" in headers:
        response.headers["Content-Length"] = headers["content-length"]
    return response
