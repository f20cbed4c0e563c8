import subprocess
import sys

# In a process of its own, as a process cannot leave a namespace.
_DENIED = """
import os
from iot_dr.drill.rig import namespace

def denied(*_):
    raise PermissionError(1, "Operation not permitted")

namespace._nft = lambda: "nft"
namespace._bring_up = denied
before = os.readlink("/proc/self/ns/net")
print(namespace.enter_namespace())
print(os.readlink("/proc/self/ns/net") == before)
"""


def test_a_namespace_without_capabilities_is_refused_and_not_entered() -> None:
    command = [sys.executable, "-c", _DENIED]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    reason, is_unchanged = output.splitlines()
    assert reason.startswith("a network namespace is not allowed here (Operation not permitted)")
    assert is_unchanged == "True"
