"""Starts jsii's node ahead of its first use, while the caller reads settings."""

import importlib
import threading

_THREAD = "iot-dr-warm-up"


def warm_up() -> None:
    """Import cdktf in a thread while the caller does something else; a second call does nothing.

    Saves 60 ms where 120 ms of imports follow: the thread mostly waits for node. jsii is imported
    first, by the caller: both threads would compete for the interpreter, and node start late.
    An error is dropped here, for the import that needs cdktf meets it again. The thread is no
    daemon: an app that ends early must find jsii's node ready to be stopped.
    """
    if is_warming_up():
        return
    if _imported("jsii"):
        threading.Thread(target=_import_engine, name=_THREAD).start()


def warmed_up() -> None:
    """Wait until the thread has ended, if there is one, before cdktf is imported here too.

    While cdktf loads it puts an empty module of its name in its own place and fills it after:
    whoever imports it meanwhile would get that one, without any lock.
    """
    for thread in threading.enumerate():
        if thread.name == _THREAD:
            thread.join()


def is_warming_up() -> bool:
    """Tell whether the thread is still at work."""
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
