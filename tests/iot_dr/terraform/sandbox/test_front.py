"""What the sandbox answers without moto is what moto answers."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from iot_dr.terraform.sandbox.sandbox import Sandbox
from tests.iot_dr.terraform.sandbox.client import (
    ACCOUNT,
    BUCKETS,
    ONLY_IF_NEW,
    WEST,
    Answer,
    request,
)

STATE = f"/{WEST}/dev/zone.tfstate"
LOCK = f"{STATE}.tflock"
WORKSPACES = f"/{WEST}?list-type=2&max-keys=1000&prefix=env%3A%2F"
IDENTITY = b"Action=GetCallerIdentity&Version=2011-06-15"
STS = "AWS4-HMAC-SHA256 Credential={}/20260101/eu-west-1/sts/aws4_request, Signature=none"
# In the order in which Terraform plans and applies a stack; a state is also read and removed.
REQUESTS: tuple[tuple[str, str, bytes, dict[str, str]], ...] = (
    ("GET", WORKSPACES, b"", {}),
    ("HEAD", STATE, b"", {}),
    ("GET", f"{STATE}?x-id=GetObject", b"", {}),
    ("PUT", f"{LOCK}?x-id=PutObject", b"one", ONLY_IF_NEW),
    ("PUT", f"{LOCK}?x-id=PutObject", b"two", ONLY_IF_NEW),
    ("GET", f"{LOCK}?x-id=GetObject", b"", {"X-Amz-Checksum-Mode": "ENABLED"}),
    ("PUT", f"{STATE}?x-id=PutObject", b"state", {"X-Amz-Server-Side-Encryption": "AES256"}),
    ("HEAD", STATE, b"", {}),
    ("GET", f"{STATE}?x-id=GetObject", b"", {"Range": "bytes=0-5242879"}),
    ("DELETE", f"{LOCK}?x-id=DeleteObject", b"", {}),
    ("DELETE", f"{LOCK}?x-id=DeleteObject", b"", {}),
    ("GET", f"{LOCK}?x-id=GetObject", b"", {}),
    # No objects, but a folder and a path below a file.
    *(("DELETE", path, b"", {}) for path in (f"/{WEST}/dev", f"{STATE}/none")),
    *((method, "/missing-bucket/zone.tfstate", b"", {}) for method in ("GET", "PUT")),
    ("GET", WORKSPACES.replace(WEST, "missing-bucket"), b"", {}),
)


class Seen(NamedTuple):
    """What Terraform reads of an answer."""

    status: int
    etag: str | None
    length: str | None
    part: str | None
    body: bytes | list[str]


def seen(answer: Answer) -> Seen:
    body = answer.body
    is_document = body.lstrip().startswith(b"<")
    elements = r"<(Code|Account|Arn|KeyCount|IsTruncated|Prefix)>(.*?)<"
    return Seen(
        answer.status,
        answer.headers["ETag"],
        None if is_document else answer.headers["Content-Length"],
        answer.headers["Content-Range"],
        sorted(re.findall(elements, body.decode())) if is_document else body,
    )


def identity(sandbox: Sandbox) -> Seen:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    headers["Authorization"] = STS.format(sandbox.environment["AWS_ACCESS_KEY_ID"])
    return seen(request(sandbox, "POST", "/", IDENTITY, headers))


def has_moto(sandbox: Sandbox) -> bool:
    """Whether the process has loaded a library that only moto needs."""
    return "/cryptography/" in Path(f"/proc/{sandbox.pid}/maps").read_text(encoding="utf-8")


@pytest.fixture
def others(own_sandbox: Sandbox, tmp_path: Path) -> Iterator[tuple[Sandbox, Sandbox]]:
    """A sandbox, and one that has loaded moto."""
    with Sandbox(tmp_path / "by-moto", ACCOUNT) as by_moto:
        by_moto.create_buckets(BUCKETS)
        assert request(by_moto, "GET", "/").status == 200
        yield own_sandbox, by_moto


def test_terraforms_requests_are_answered_as_moto_does_and_without_it(
    others: tuple[Sandbox, Sandbox],
) -> None:
    sandbox, by_moto = others
    assert identity(sandbox) == identity(by_moto)
    for sent in REQUESTS:
        assert seen(request(sandbox, *sent)) == seen(request(by_moto, *sent)), sent
    assert [has_moto(each) for each in others] == [False, True]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", STATE, {"Range": "bytes=1-2"}, 206),
        ("GET", WORKSPACES, {}, 200),
        ("GET", STATE, {"Authorization": "AWS4-HMAC-SHA256 Credential=other/1/eu-west-1/s3"}, 403),
    ],
)
def test_moto_answers_everything_else(
    own_sandbox: Sandbox, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    request(own_sandbox, "PUT", STATE, b"state")
    workspace = own_sandbox.folder / "s3" / WEST / "env%3A" / "other" / "zone.tfstate"
    workspace.parent.mkdir(parents=True)
    workspace.write_bytes(b"of another workspace")
    assert not has_moto(own_sandbox)
    answer = request(own_sandbox, method, path, headers=headers)
    assert answer.status == status
    assert has_moto(own_sandbox)
    if path == WORKSPACES:
        assert b"<Key>env:/other/zone.tfstate</Key>" in answer.body
    assert request(own_sandbox, "GET", STATE).body == b"state"
