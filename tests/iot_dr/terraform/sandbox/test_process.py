"""The sandbox's process: it starts or says why not, ends with its owner, and loses nothing."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from iot_dr.terraform.sandbox.sandbox import Sandbox, SandboxError
from tests.iot_dr.terraform.sandbox.client import (
    ACCOUNT,
    BUCKETS,
    TIMEOUT,
    WEST,
    request,
    wait_for_end,
)
from tests.support.command import plain_environment

_LATIN_1 = "AWS4-HMAC-SHA256 Credential=\xe9/20260101/eu-west-1/sts/aws4_request, Signature=none"
STATE = f"/{WEST}/dev/zone.tfstate"


class Owned(NamedTuple):
    """A sandbox that belongs to another process."""

    owner: subprocess.Popen[str]
    pid: int


@pytest.fixture
def owned(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Owned]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.iot_dr.terraform.sandbox.owner", str(tmp_path / "dev")],
        cwd=request.config.rootpath,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout
        yield Owned(owner, int(owner.stdout.readline()))


def test_it_ends_when_its_owner_is_killed(owned: Owned) -> None:
    owned.owner.kill()
    wait_for_end(owned.pid)


def test_it_ends_when_its_owner_is_done(owned: Owned) -> None:
    owned.owner.communicate()
    wait_for_end(owned.pid)


def test_ctrl_c_does_not_reach_it_for_terraform_has_a_lock_to_release(owned: Owned) -> None:
    assert os.getpgid(owned.pid) != os.getpgid(owned.owner.pid)


@pytest.mark.parametrize(
    "end", [signal.SIGTERM, pytest.param(signal.SIGKILL, marks=pytest.mark.exhaustive)]
)
def test_its_data_is_there_again_after_a_signal(own_sandbox: Sandbox, end: signal.Signals) -> None:
    request(own_sandbox, "PUT", STATE, b"state")
    request(own_sandbox, "PUT", f"{STATE}.tflock", b"lock")
    os.kill(own_sandbox.pid, end)
    wait_for_end(own_sandbox.pid)
    with Sandbox(own_sandbox.folder, ACCOUNT) as again:
        assert request(again, "GET", STATE).body == b"state"
        assert request(again, "GET", f"{STATE}.tflock").body == b"lock"


@pytest.mark.parametrize(
    "count", [4, *(pytest.param(count, marks=pytest.mark.exhaustive) for count in (1, 9))]
)
def test_killed_while_it_writes_it_keeps_what_it_acknowledged(
    own_sandbox: Sandbox, count: int
) -> None:
    acknowledged: list[int] = []
    enough = threading.Event()

    def write() -> None:
        for number in range(10_000):
            try:
                answer = request(own_sandbox, "PUT", STATE, content(number))
            except OSError:
                return
            assert answer.status == 200
            acknowledged.append(number)
            if len(acknowledged) == count:
                enough.set()

    def content(number: int) -> bytes:
        return b"%08d" % number * 100_000

    writer = threading.Thread(target=write)
    writer.start()
    assert enough.wait(TIMEOUT)
    os.kill(own_sandbox.pid, signal.SIGKILL)
    writer.join()
    with Sandbox(own_sandbox.folder, ACCOUNT) as again:
        kept = request(again, "GET", STATE).body
    # The write that was under way may have arrived, without its answer.
    assert kept in {content(acknowledged[-1]), content(acknowledged[-1] + 1)}


def test_it_stops_even_when_it_hangs(own_sandbox: Sandbox) -> None:
    os.kill(own_sandbox.pid, signal.SIGSTOP)
    own_sandbox.stop()
    with pytest.raises(OSError, match="refused"):
        request(own_sandbox, "GET", "/")


@pytest.mark.parametrize(
    "signed",
    [
        "AWS4-HMAC-SHA256 Credential=sandbox/20260101/eu-west-1/s3/aws4_request, Signature=none",
        *(pytest.param(signed, marks=pytest.mark.exhaustive) for signed in ("", _LATIN_1)),
    ],
)
def test_nobody_else_on_this_machine_reads_or_changes_what_it_holds(
    own_sandbox: Sandbox, signed: str
) -> None:
    request(own_sandbox, "PUT", STATE, b"state")
    for method in ("GET", "PUT", "DELETE", "POST"):
        answer = request(own_sandbox, method, STATE, b"theirs", {"Authorization": signed})
        assert answer.status == 403
        assert b"state" not in answer.body
    assert request(own_sandbox, "GET", STATE).body == b"state"


def test_each_run_has_a_key_of_its_own(own_sandbox: Sandbox) -> None:
    key = own_sandbox.environment["AWS_ACCESS_KEY_ID"]
    assert len(key) == 32
    with Sandbox(own_sandbox.folder, ACCOUNT) as again:
        assert again.environment["AWS_ACCESS_KEY_ID"] != key


def test_it_listens_on_the_loopback_address_only(sandbox: Sandbox) -> None:
    host, port = sandbox.endpoint.removeprefix("http://").split(":")
    assert host == "127.0.0.1"
    # One that listens everywhere answers here as well.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", int(port)), 5)


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_server(('0.0.0.0', 0))",
        "socket.create_server(('127.0.0.1', 0))",
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.socket(socket.AF_UNIX).bind('/nowhere/socket')",
    ],
)
def test_its_process_has_no_other_way_to_the_network(attempt: str) -> None:
    listening = "from iot_dr.terraform.sandbox.loopback import confined_listener as listen"
    ran = subprocess.run(
        [sys.executable, "-c", f"import socket; {listening}; one = listen(); {attempt}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "no network except its port on 127.0.0.1" in ran.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "command",
    [
        *("drill run --outage kill", "plan"),
        *(
            pytest.param(other, marks=pytest.mark.exhaustive)
            for other in ("drill play", "review", "sandbox exec true", "sandbox up", "validate")
        ),
    ],
)
def test_a_network_without_loopback_is_the_one_reason_and_at_once(
    command: str, tmp_path: Path
) -> None:
    apart = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*apart, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may not make a network namespace")
    ran = subprocess.run(
        [*apart, sys.executable, "-m", "iot_dr", *command.split()],
        cwd=tmp_path,
        env=plain_environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        "127.0.0.1 cannot be reached (Network is unreachable); `ip link set lo up` may be missing\n"
    )


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SandboxError, match=r"cannot start: .*Not a directory: .*/file/dev"):
        Sandbox(tmp_path / "file" / "dev", ACCOUNT)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]"])
def test_a_damaged_list_of_buckets_is_an_error_that_names_it(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "buckets.json").write_bytes(content)
    with pytest.raises(SandboxError, match=r"cannot start: .*not a JSON object.*buckets\.json"):
        Sandbox(tmp_path, ACCOUNT)


def test_a_server_that_dies_at_once_is_an_error_with_its_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(SandboxError, match="cannot start: its server ended with status 1"):
        Sandbox(tmp_path, ACCOUNT)


def test_buckets_that_cannot_be_kept_are_an_error(own_sandbox: Sandbox) -> None:
    own_sandbox.folder.rename(own_sandbox.folder.with_name("elsewhere"))
    with pytest.raises(SandboxError, match=r"cannot make its buckets: .*No such file"):
        own_sandbox.create_buckets(BUCKETS)


def test_the_folder_is_closed_to_other_users(sandbox: Sandbox) -> None:
    assert sandbox.folder.stat().st_mode & 0o077 == 0
