"""Starts jsii's node before its first use, while the caller reads settings."""

import importlib
import threading

_THREAD = "iot-dr-warm-up"


def warm_up() -> None:
    """Import cdktf in a thread while the caller does something else.

    Saves 60 ms if 120 ms of imports follow: the thread mostly waits for node. jsii is imported
    first, by the caller: otherwise both threads compete for the interpreter, and node starts late.

    While the thread runs, another call does nothing. An error is dropped here: the import that
    needs cdktf raises it again. The thread is not a daemon: an app that ends early must find jsii's
    node ready to be stopped.
    """
    if is_warming_up():
        return
    if _imported("jsii"):
        threading.Thread(target=_import_engine, name=_THREAD).start()


def warmed_up() -> None:
    """Wait for the warm-up thread, if there is one, before cdktf is imported here too.

    While cdktf loads, it replaces itself in sys.modules by an empty module and fills it later: an
    import in another thread would get the empty one, and no import lock prevents that.
    """
    for thread in threading.enumerate():
        if thread.name == _THREAD:
            thread.join()


def is_warming_up() -> bool:
    """Whether the warm-up thread is still running."""
    return any(thread.name == _THREAD for thread in threading.enumerate())


def _import_engine() -> None:
    # constructs starts node; cdktf alone would read its own 2 MB of code first.
    if _imported("constructs"):
        _imported("cdktf")


def _imported(name: str) -> bool:
    try:
        importlib.import_module(name)
    except Exception:  # noqa: BLE001 - whatever it is, the real import meets and reports it
        return False
    return True
