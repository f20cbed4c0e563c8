"""A program that owns a sandbox in the folder of its argument, and prints its process id."""

import sys
from pathlib import Path

from iot_dr.terraform.sandbox.sandbox import Sandbox
from tests.iot_dr.terraform.sandbox.client import ACCOUNT

if __name__ == "__main__":
    with Sandbox(Path(sys.argv[1]), ACCOUNT) as sandbox:
        sys.stdout.write(f"{sandbox.pid}\n")
        sys.stdout.flush()
        sys.stdin.read()
