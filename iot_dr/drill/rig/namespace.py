"""A Linux network namespace for the drill, in which packets can be dropped."""

import ctypes
import fcntl
import os
import shutil
import socket
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

# linux/sched.h, linux/if.h, linux/sockios.h
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_UP, _GET_FLAGS, _SET_FLAGS = 0x1, 0x8913, 0x8914
_TABLE: Final = "iot_dr_drill"
_PLACES: Final = ("/usr/sbin", "/sbin")


def enter_namespace() -> str | None:
    """Move this process and its future children to a network namespace with only loopback.

    Other users than root also enter a user namespace, which the kernel may forbid. Must be called
    before any thread is started. Returns the reason why packets cannot be dropped here, or None;
    with a reason, the process is where it was.
    """
    if _nft() is None:
        return "nft is not installed; run `apt-get install nftables`"
    # A process cannot return from a namespace without its loopback, so a child tries first.
    return _result_of_child() or _entered()


def _result_of_child() -> str:
    """Return the result of `_entered` in a child process; empty for None."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, (_entered() or "").encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as result:
        reason = result.read()
    os.waitpid(child, 0)
    return reason


def _entered() -> str | None:
    """Enter the namespaces; return the reason why packets cannot be dropped there, or None."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    try:
        if libc.unshare(_NEW_NET if user == 0 else _NEW_USER | _NEW_NET):
            why = ctypes.get_errno()
            raise OSError(why, os.strerror(why))
        # AppArmor may allow the user namespace and deny what needs its capabilities.
        if user:
            _map(user, group)
        _bring_up("lo")
    except OSError as error:
        why = error.strerror
        return f"a network namespace is not allowed here ({why}); run as root or in a container"
    try:
        pass_packets()
    except OSError as error:
        return f"packets cannot be dropped here: {error}"
    return None


def drop_packets(host: str, ports: Sequence[int]) -> None:
    """Drop all packets to and from the ports of a host; raises OSError if nft fails.

    Only after `enter_namespace`, or it changes the machine's own rules.
    """
    listed = ", ".join(map(str, ports))
    _run(
        f"add table ip {_TABLE}\n"
        f"add chain ip {_TABLE} into {{ type filter hook input priority 0 ; }}\n"
        f"add rule ip {_TABLE} into ip daddr {host} tcp dport {{ {listed} }} drop\n"
        f"add rule ip {_TABLE} into ip saddr {host} tcp sport {{ {listed} }} drop\n"
    )


def pass_packets() -> None:
    """Let all packets through again; raises OSError if nft fails."""
    _run(f"add table ip {_TABLE}\ndelete table ip {_TABLE}\n")


def _nft() -> str | None:
    return shutil.which("nft") or next(
        (f"{place}/nft" for place in _PLACES if Path(place, "nft").exists()), None
    )


def _run(rules: str) -> None:
    nft = _nft()
    if nft is None:
        raise FileNotFoundError
    done = subprocess.run(  # noqa: S603 - the rules are ours
        [nft, "-f", "-"], input=rules, capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"nft refused a rule: {done.stderr.strip()}"
        raise OSError(message)


def _map(user: int, group: int) -> None:
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny", encoding="ascii")
    (own / "uid_map").write_text(f"0 {user} 1", encoding="ascii")
    (own / "gid_map").write_text(f"0 {group} 1", encoding="ascii")


def _bring_up(name: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        request = struct.pack("16sh14x", name.encode(), 0)
        reply = fcntl.ioctl(channel, _GET_FLAGS, request)
        flags = struct.unpack_from("16sh", reply)[1]
        fcntl.ioctl(channel, _SET_FLAGS, struct.pack("16sh14x", name.encode(), flags | _UP))
