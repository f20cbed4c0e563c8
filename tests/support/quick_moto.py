"""Faster answers of moto: most of them search all data of a region.

The answers are the same, and boto3 still serialises and parses each call. A signature, which moto
does not verify, is not computed: a request only contains the scope of its signature.
"""

import copy
import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from io import BytesIO
from typing import Any, Final, cast
from urllib.parse import unquote, urlsplit

import pytest
from botocore.auth import SigV4Auth
from moto.backend_index import backend_url_patterns
from moto.core import responses, serialize, utils
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.request import Request
from moto.dynamodb.models.table import Table
from werkzeug.exceptions import HTTPException

_ALL: Final = cast("Any", Table.all_items)
_QUERY: Final = cast("Any", Table.query)
_STRUCTURE: Final = cast("Any", serialize.ResponseSerializer)._serialize_type_structure  # noqa: SLF001 - the hot path of it
_METHODS: Final = cast("Any", utils.method_names_from_class)
_PROCESS: Final = cast("Any", BotocoreStubber.process_request)
# Its overloads name every service of moto; the type checker would read all of them.
_get_backend: Final[Any] = import_module("moto.backends").get_backend

_REQUEST_ID: Final = "0" * 52


def quicken(patch: pytest.MonkeyPatch) -> None:
    """Make a query read only its own partition, and shorten the steps of each call."""
    patch.setattr(Table, "query", _query)
    patch.setattr(Table, "all_items", _all_items)
    patch.setattr(serialize.ResponseSerializer, "_serialize_type_structure", _structure)
    patch.setattr(responses, "method_names_from_class", cache(_METHODS))
    patch.setattr(responses, "gen_amzn_requestid_long", _request_id)
    patch.setattr(BotocoreStubber, "process_request", _process)
    patch.setattr(SigV4Auth, "add_auth", _name_scope)


def _query(table: Any, hash_key: Any, *given: Any, **named: Any) -> Any:
    if named.get("index_name"):
        return _QUERY(table, hash_key, *given, **named)
    partition = copy.copy(table)
    partition.items = {hash_key: table.items[hash_key]} if hash_key in table.items else {}
    return _QUERY(partition, hash_key, *given, **named)


def _all_items(table: Any) -> list[Any]:
    if not table.range_key_attr:
        return _ALL(table)
    # Sort by the values themselves, which moto wraps and casts for each comparison.
    items = [item for part in table.items.values() for item in part.values()]
    return sorted(items, key=lambda item: (item.hash_key.value, item.range_key.value))


def _structure(serializer: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
    if shape.name != "AttributeValue" or not isinstance(value, dict):
        _STRUCTURE(serializer, serialized, value, shape, key)
        return
    # Each value has one of DynamoDB's ten types; moto searches for all, with twenty names each.
    wrapper = serializer.MAP_TYPE()
    for name, content in cast("dict[str, Any]", value).items():
        serializer._serialize(wrapper, content, shape.members[name], name)  # noqa: SLF001 - as above
    serializer._default_serialize(serialized, wrapper, shape, key)  # noqa: SLF001 - as above


def _request_id(headers: Any = None) -> str:
    """Put an id into an answer's headers; moto draws each of its characters."""
    if isinstance(headers, dict):
        headers["x-amzn-requestid"] = _REQUEST_ID
    return _REQUEST_ID


def _name_scope(signing: Any, request: Any) -> None:
    """Add the scope of a signature to a request, the only part of it that moto reads."""
    request.context["timestamp"] = "20260101T000000Z"
    request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={signing.scope(request)}"


def _process(stubber: Any, request: Any) -> Any:
    """Answer a request; moto tries the patterns of all services and paths on each."""
    handler = _handler(request.url.partition("?")[0])
    if handler is None:
        return _PROCESS(stubber, request)
    given = _request(request.method, request.url, request.headers, request.body)
    try:
        return handler(given, given.raw_url, given.headers)
    except HTTPException as error:
        return error.code, error.get_headers(), error.get_body()


@cache
def _handler(url: str) -> Callable[..., Any] | None:
    for service, pattern in backend_url_patterns:
        if pattern.match(url):
            regions = _get_backend(service)[DEFAULT_ACCOUNT_ID]
            paths = regions["us-east-1" if "us-east-1" in regions else "aws"].urls
            for path, handler in paths.items():
                if re.match(path, url):
                    return handler
    return None


def _request(method: str, url: str, headers: Any, body: Any) -> Request:
    """Create a request as moto does, without the general request builder."""
    asked = urlsplit(url)
    content = body.encode() if isinstance(body, str) else bytes(body or b"")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(asked.path, "latin-1"),
        "QUERY_STRING": asked.query,
        "RAW_URI": asked.path,
        "SERVER_NAME": asked.hostname,
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": asked.netloc,
        "wsgi.url_scheme": asked.scheme,
        "wsgi.input": BytesIO(content),
    }
    for name, value in headers.items():
        text = value.decode() if isinstance(value, bytes) else str(value)
        key = name.upper().replace("-", "_")
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = text
    environ["CONTENT_LENGTH"] = str(len(content))
    return Request(environ)
