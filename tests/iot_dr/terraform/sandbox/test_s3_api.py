"""The sandbox answers as S3 does, and what it acknowledged is a file."""

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit

import pytest

from iot_dr.terraform.sandbox.sandbox import Sandbox, SandboxError
from tests.iot_dr.terraform.sandbox.client import (
    ACCOUNT,
    BUCKETS,
    CENTRAL,
    ONLY_IF_NEW,
    TIMEOUT,
    WEST,
    request,
)

STATE = f"/{WEST}/dev/zone.tfstate"
LOCK = f"{STATE}.tflock"
VERSIONED = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"


def files(sandbox: Sandbox) -> dict[str, bytes]:
    """Return every object's file."""
    below = sandbox.folder / "s3"
    return {
        str(path.relative_to(below)): path.read_bytes()
        for path in below.rglob("*")
        if path.is_file()
    }


def outside(folder: Path) -> set[Path]:
    """Return the files and folders of the whole sandbox and next to it that are not in `folder`."""
    own, shared = folder.parents[2], folder.parents[3]
    around = [*own.rglob("*"), *shared.iterdir()]
    return {path for path in around if folder not in path.parents}


def test_an_object_is_a_file_that_a_person_can_read(sandbox: Sandbox) -> None:
    assert request(sandbox, "PUT", STATE, b"state").status == 200
    assert files(sandbox) == {f"{WEST}/dev/zone.tfstate": b"state"}
    assert request(sandbox, "GET", STATE).body == b"state"
    assert request(sandbox, "HEAD", STATE).headers["Content-Length"] == "5"


def test_a_deleted_object_leaves_no_file_and_no_folder(sandbox: Sandbox) -> None:
    request(sandbox, "PUT", STATE, b"state")
    assert request(sandbox, "DELETE", STATE).status == 204
    assert request(sandbox, "GET", STATE).status == 404
    assert list((sandbox.folder / "s3").iterdir()) == []


def test_a_bucket_is_in_its_region_also_for_the_next_server(sandbox: Sandbox) -> None:
    where = b"<LocationConstraint>eu-west-1</LocationConstraint>"
    made = b"<CreateBucketConfiguration>" + where + b"</CreateBucketConfiguration>"
    assert request(sandbox, "PUT", "/bucket-of-a-client", made).status == 200
    with Sandbox(sandbox.folder, ACCOUNT) as another:
        regions = [*BUCKETS.items(), ("eu-west-1", "bucket-of-a-client")]
        for region, bucket in regions:
            answer = request(another, "HEAD", f"/{bucket}")
            assert (answer.status, answer.headers["x-amz-bucket-region"]) == (200, region)
        assert request(another, "DELETE", "/bucket-of-a-client").status == 204
        assert request(another, "HEAD", "/bucket-of-a-client").status == 404


def test_a_bucket_cannot_move_to_another_region(sandbox: Sandbox) -> None:
    sandbox.create_buckets(BUCKETS)
    with pytest.raises(SandboxError, match=f"{WEST} is in eu-west-1, not in eu-north-1"):
        sandbox.create_buckets({"eu-north-1": WEST})


@pytest.mark.parametrize("name", ["..", "Up", "a/b", "ab", "-ab", "a" * 64])
def test_a_bucket_name_that_s3_refuses_is_refused(sandbox: Sandbox, name: str) -> None:
    with pytest.raises(SandboxError, match="S3 allows no such bucket name"):
        sandbox.create_buckets({"eu-west-1": name})
    assert request(sandbox, "PUT", f"/{name}", b"").status >= 400
    assert request(sandbox, "PUT", STATE, b"state").status == 200
    assert files(sandbox) == {f"{WEST}/dev/zone.tfstate": b"state"}


@pytest.mark.parametrize("versioned", [False, True])
def test_a_lock_can_be_taken_once_until_it_is_released(sandbox: Sandbox, versioned: bool) -> None:
    if versioned:
        assert request(sandbox, "PUT", f"/{WEST}?versioning", VERSIONED).status == 200
    for _ in range(2):
        assert request(sandbox, "PUT", LOCK, b"one", ONLY_IF_NEW).status == 200
        assert request(sandbox, "PUT", LOCK, b"two", ONLY_IF_NEW).status == 412
        assert request(sandbox, "GET", LOCK).body == b"one"
        assert request(sandbox, "DELETE", LOCK).status == 204


def test_of_many_who_want_a_lock_one_gets_it_also_from_two_servers(sandbox: Sandbox) -> None:
    with Sandbox(sandbox.folder, ACCOUNT) as other, ThreadPoolExecutor(16) as pool:
        for round_number in range(5):

            def attempt(number: int, key: str = f"{LOCK}-{round_number}") -> tuple[int, bytes]:
                body = str(number).encode()
                server = (sandbox, other)[number % 2]
                return request(server, "PUT", key, body, ONLY_IF_NEW).status, body

            outcomes = list(pool.map(attempt, range(32)))
            winners = [body for status, body in outcomes if status == 200]
            assert sorted(status for status, _ in outcomes) == [200] + [412] * 31
            assert request(other, "GET", f"{LOCK}-{round_number}").body == winners[0]


def test_what_a_person_changes_in_the_folder_is_what_the_server_says(sandbox: Sandbox) -> None:
    request(sandbox, "PUT", STATE, b"state")
    request(sandbox, "PUT", LOCK, b"lock")
    (sandbox.folder / "s3" / WEST / "dev" / "zone.tfstate").write_bytes(b"restored")
    (sandbox.folder / "s3" / WEST / "dev" / "zone.tfstate.tflock").unlink()
    assert request(sandbox, "GET", STATE).body == b"restored"
    assert request(sandbox, "PUT", LOCK, b"lock", ONLY_IF_NEW).status == 200


def test_copies_batches_and_uploads_in_parts_are_stored_too(sandbox: Sandbox) -> None:
    request(sandbox, "PUT", STATE, b"state")
    copied = {"x-amz-copy-source": STATE}
    assert request(sandbox, "PUT", f"/{CENTRAL}/copy", headers=copied).status == 200
    begun = request(sandbox, "POST", f"/{CENTRAL}/parts?uploads").body.decode()
    upload = begun.partition("<UploadId>")[2].partition("</UploadId>")[0]
    part = request(sandbox, "PUT", f"/{CENTRAL}/parts?partNumber=1&uploadId={upload}", b"part")
    etag = part.headers["ETag"]
    listed = f"<Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>"
    whole = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
    request(sandbox, "POST", f"/{CENTRAL}/parts?uploadId={upload}", whole)
    stored = {f"{CENTRAL}/copy": b"state", f"{CENTRAL}/parts": b"part"}
    assert files(sandbox) == {f"{WEST}/dev/zone.tfstate": b"state", **stored}
    both = b"<Delete><Object><Key>copy</Key></Object><Object><Key>parts</Key></Object></Delete>"
    assert request(sandbox, "POST", f"/{CENTRAL}?delete", both).status == 200
    assert files(sandbox) == {f"{WEST}/dev/zone.tfstate": b"state"}


@pytest.mark.parametrize(
    "key",
    [
        "../../escaped",
        "%2e%2e/%2e%2e/%2e%2e/escaped",
        "..%2F..%2F..%2Fescaped",
        "/escaped",
        "a//b/../c/",
        "%00",
        "a%5Cb",
        "%C3%A9%F0%9F%94%92",
        "env%3A/other/zone.tfstate",
    ],
)
def test_no_key_leaves_the_bucket_s_folder(sandbox: Sandbox, key: str) -> None:
    request(sandbox, "PUT", STATE, b"state")
    around = outside(sandbox.folder / "s3" / WEST)
    assert request(sandbox, "PUT", f"/{WEST}/{key}", key.encode()).status == 200
    assert request(sandbox, "GET", f"/{WEST}/{key}").body == key.encode()
    assert len(files(sandbox)) == 2
    assert outside(sandbox.folder / "s3" / WEST) == around


@pytest.mark.parametrize("key", ["x" * 300, "dev/zone.tfstate/below", "dev"])
def test_a_key_that_no_file_can_have_is_refused_and_nothing_else_changes(
    sandbox: Sandbox, key: str
) -> None:
    request(sandbox, "PUT", STATE, b"state")
    answer = request(sandbox, "PUT", f"/{WEST}/{key}", b"new")
    assert answer.status == 507
    assert b"cannot store" in answer.body
    assert request(sandbox, "GET", f"/{WEST}/{key}").status == 404
    assert files(sandbox) == {f"{WEST}/dev/zone.tfstate": b"state"}


def test_a_refused_key_leaves_no_folder_that_is_in_the_way(sandbox: Sandbox) -> None:
    assert request(sandbox, "PUT", f"/{WEST}/dev/{'x' * 300}", b"new").status == 507
    assert request(sandbox, "PUT", f"/{WEST}/dev", b"new").status == 200


def test_on_a_full_disk_the_earlier_state_stands_and_the_answer_says_why(
    own_sandbox: Sandbox,
) -> None:
    small, big = b"small", b"x" * 20_000
    request(own_sandbox, "PUT", STATE, small)
    prlimit(own_sandbox.pid, RLIMIT_FSIZE, (10_000, RLIM_INFINITY))
    answer = request(own_sandbox, "PUT", STATE, big)
    assert answer.status == 507
    assert b"File too large" in answer.body
    assert f"s3/{WEST}/dev/zone.tfstate".encode() in answer.body
    assert request(own_sandbox, "GET", STATE).body == small
    assert files(own_sandbox) == {f"{WEST}/dev/zone.tfstate": small}
    prlimit(own_sandbox.pid, RLIMIT_FSIZE, (RLIM_INFINITY, RLIM_INFINITY))
    assert request(own_sandbox, "PUT", STATE, big).status == 200
    assert request(own_sandbox, "GET", STATE).body == big


def test_an_upload_that_breaks_off_changes_nothing(sandbox: Sandbox) -> None:
    request(sandbox, "PUT", STATE, b"state")
    host, port = sandbox.endpoint.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), TIMEOUT) as connection:
        head = f"PUT {STATE} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n\r\n"
        connection.sendall(head.encode() + b"half of it")
        connection.shutdown(socket.SHUT_WR)
        assert b" 400 " in connection.makefile("rb").readline()
    assert request(sandbox, "GET", STATE).body == b"state"


def test_a_folder_that_is_deleted_during_a_run_is_reported_and_not_created_again(
    own_sandbox: Sandbox,
) -> None:
    folder = own_sandbox.folder
    folder.rename(folder.with_name("elsewhere"))
    answer = request(own_sandbox, "PUT", STATE, b"state")
    assert answer.status == 507
    assert str(folder).encode() in answer.body
    assert not folder.exists()
