"""The sandbox's requests: those that Terraform sends for states are answered without moto.

moto takes a third of a second of processor time to load, and milliseconds for each request, of
which Terraform sends some twenty for a stack. It loads when a request is anything else, and answers
all requests from then on: versions and other properties of objects are in its memory alone.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from email.utils import format_datetime
from hashlib import md5, sha256
from hmac import compare_digest
from http import HTTPStatus
from io import BytesIO
from threading import Lock
from typing import Final
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from iot_dr.terraform.sandbox.answers import error, not_stored, signing_key
from iot_dr.terraform.sandbox.folder import ObjectName, SandboxFolder

_SEGMENT: Final = "[A-Za-z0-9_-][A-Za-z0-9_.-]{0,200}"
# Neither a request's path nor a file's name encodes any part of such a key.
_OBJECT: Final = re.compile(rf"/({_SEGMENT})/({_SEGMENT}(?:/{_SEGMENT})*)")
_BUCKET: Final = re.compile(rf"/({_SEGMENT})")
_ONLY_IF_NEW: Final = "HTTP_IF_NONE_MATCH"
# Nothing is encrypted here, and no digest is verified, as moto does.
_WITHOUT_EFFECT: Final = frozenset(
    (
        *("HTTP_X_AMZ_DATE", "HTTP_X_AMZ_CONTENT_SHA256", "HTTP_X_AMZ_CHECKSUM_SHA256"),
        *("HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM", "HTTP_X_AMZ_SERVER_SIDE_ENCRYPTION"),
        "HTTP_X_AMZ_CHECKSUM_MODE",
    )
)
# Terraform reads states in parts, of which almost all states need only the first.
_RANGE: Final = "HTTP_RANGE"
_FIRST_PART: Final = re.compile(r"bytes=0-([0-9]{1,9})", re.ASCII)
_WITH_EFFECT: Final = ("HTTP_X_AMZ_", "HTTP_IF_", _RANGE, "HTTP_CONTENT_ENCODING")
_IDENTITY: Final = [("Action", "GetCallerIdentity"), ("Version", "2011-06-15")]
_STS: Final = "https://sts.amazonaws.com/doc/2011-06-15/"
_S3: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
# Terraform keeps the states of other workspaces below this prefix.
_WORKSPACES: Final = "env:/"


class Front:
    """A WSGI application that answers a request only once its result is in the folder.

    Requests of all servers of the folder run one after another: Terraform's lock file depends on an
    undivided check and write.
    """

    def __init__(self, folder: SandboxFolder, account_id: str, key: str) -> None:
        self._folder = folder
        self._account_id = account_id
        self._key = key
        self._moto: WSGIApplication | None = None
        self._loading = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            # To its end before any lock is taken.
            body = Request(environ).get_data()
        except HTTPException as broken_off:
            return broken_off.get_response(environ)(environ, start_response)
        try:
            response = None if self._moto else self._answer(environ, body)
        except OSError as problem:
            response = not_stored(problem)
        if response is None:
            environ.pop("HTTP_TRANSFER_ENCODING", None)
            environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
            return self._loaded()(environ, start_response)
        if environ["REQUEST_METHOD"] == "HEAD" and response.status_code == HTTPStatus.NOT_FOUND:
            response = Response(status=HTTPStatus.NOT_FOUND)
        return response(environ, start_response)

    def _loaded(self) -> WSGIApplication:
        with self._loading:
            if self._moto is None:
                from iot_dr.terraform.sandbox.application import (  # noqa: PLC0415 - see the module
                    S3Application,
                )

                self._moto = S3Application(self._folder, self._account_id, self._key)
            return self._moto

    def _answer(self, environ: WSGIEnvironment, body: bytes) -> Response | None:
        """Return the answer, None if the request is left to moto.

        Raises OSError if the folder cannot be read or written.
        """
        signature = environ.get("HTTP_AUTHORIZATION", "")
        if not compare_digest(signing_key(signature), self._key):
            return None
        if "/sts/aws4_request" in signature:
            is_known = sorted(parse_qsl(body.decode(errors="replace"))) == _IDENTITY
            return self._identity() if is_known else None
        path, _, query = environ["RAW_URI"].partition("?")
        parameters = dict(parse_qsl(query, keep_blank_values=True))
        bucket, object_ = _BUCKET.fullmatch(path), _OBJECT.fullmatch(path)
        with self._folder.exclusive():
            if bucket and environ["REQUEST_METHOD"] == "GET":
                return self._workspaces(bucket[1], parameters)
            if object_ and not parameters.keys() - {"x-id"} and not _has_effects(environ):
                return self._object(environ, ObjectName(object_[1], object_[2]), body)
        return None

    def _identity(self) -> Response:
        account = self._account_id
        arn = f"arn:aws:sts::{account}:user/moto"
        result = f"<Arn>{arn}</Arn><UserId>sandbox</UserId><Account>{account}</Account>"
        document = f"<GetCallerIdentityResult>{result}</GetCallerIdentityResult>"
        names = f'xmlns="{_STS}"'
        text = f"<GetCallerIdentityResponse {names}>{document}</GetCallerIdentityResponse>"
        return Response(text, content_type="text/xml")

    def _workspaces(self, bucket: str, parameters: Mapping[str, str]) -> Response | None:
        """Answer that there is no other workspace, None if there is one."""
        wanted = {"list-type": "2", "prefix": _WORKSPACES, "max-keys": "1000"}
        if parameters != wanted:
            return None
        if bucket not in self._folder.buckets():
            return _no_bucket()
        objects = self._folder.objects()
        if any(each.bucket == bucket and each.key.startswith(_WORKSPACES) for each in objects):
            return None
        result = f"<Name>{bucket}</Name><Prefix>{_WORKSPACES}</Prefix><KeyCount>0</KeyCount>"
        result += "<MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>"
        document = f'<ListBucketResult xmlns="{_S3}">{result}</ListBucketResult>'
        return Response(document, content_type="application/xml")

    def _object(self, environ: WSGIEnvironment, name: ObjectName, body: bytes) -> Response | None:
        method = environ["REQUEST_METHOD"]
        if name.bucket not in self._folder.buckets():
            return _no_bucket()
        if method == "PUT":
            if _ONLY_IF_NEW in environ and self._folder.path(name).is_file():
                message = "At least one of the pre-conditions you specified did not hold"
                return error(HTTPStatus.PRECONDITION_FAILED, "PreconditionFailed", message)
            self._folder.write(name, body)
            return Response(headers=_properties(body))
        if method == "DELETE":
            self._folder.delete(name)
            return Response(status=HTTPStatus.NO_CONTENT)
        return self._read(name, environ.get(_RANGE)) if method in {"GET", "HEAD"} else None

    def _read(self, name: ObjectName, part: str | None) -> Response | None:
        if not self._folder.path(name).is_file():
            return error(HTTPStatus.NOT_FOUND, "NoSuchKey", "The specified key does not exist.")
        content, written = self._folder.read(name), self._folder.stamp(name).time
        headers = {"Last-Modified": format_datetime(written, usegmt=True), **_properties(content)}
        status = HTTPStatus.OK
        if part is not None:
            first = _FIRST_PART.fullmatch(part)
            if first is None or not 0 < len(content) <= int(first[1]):
                return None
            headers["Content-Range"] = f"bytes 0-{len(content) - 1}/{len(content)}"
            status = HTTPStatus.PARTIAL_CONTENT
        return Response(content, status, headers, content_type="binary/octet-stream")


def _no_bucket() -> Response:
    return error(HTTPStatus.NOT_FOUND, "NoSuchBucket", "The specified bucket does not exist")


def _has_effects(environ: WSGIEnvironment) -> bool:
    """Whether a header changes what a request for an object does."""
    effects = {each for each in environ if each.startswith(_WITH_EFFECT)} - _WITHOUT_EFFECT
    if environ["REQUEST_METHOD"] == "PUT" and environ.get(_ONLY_IF_NEW) == "*":
        effects.remove(_ONLY_IF_NEW)
    if environ["REQUEST_METHOD"] == "GET":
        effects.discard(_RANGE)
    return bool(effects) or environ.get("HTTP_X_AMZ_CONTENT_SHA256", "").startswith("STREAMING")


def _properties(content: bytes) -> dict[str, str]:
    digest = md5(content, usedforsecurity=False).hexdigest()
    checksum = b64encode(sha256(content).digest()).decode()
    return {"ETag": f'"{digest}"', "x-amz-checksum-sha256": checksum}
