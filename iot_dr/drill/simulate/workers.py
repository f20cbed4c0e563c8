"""Execution of a sweep on this machine's cores or on a Dask cluster."""

import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from typing import TYPE_CHECKING, Any, Final, cast

import dask
from dask.callbacks import Callback

from iot_dr.common.extra import require_packages
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.drill.simulate.sweep import SimulatedFigures, Task, work

if TYPE_CHECKING:
    from collections.abc import Generator

    from distributed import Client

_PATIENCE: Final = 10


class ClusterError(UserError):
    """The Dask cluster is unreachable, or a worker failed."""


def work_here(tasks: Sequence[Task], done: Callable[[], None]) -> list[SimulatedFigures]:
    """Run tasks with a process for each core; calls `done` after each task.

    Not threads, as the steps of a throttled fleet hold the GIL.
    """
    delayed = [dask.delayed(work, pure=False)(task) for task in tasks]
    workers = min(os.cpu_count() or 1, len(tasks))
    with _pool(workers) as pool, Callback(posttask=lambda *_: done()):
        computed: Any = dask.compute(
            *delayed, scheduler="processes", pool=pool, num_workers=workers, chunksize=1
        )
    return list(cast("Sequence[SimulatedFigures]", computed))


def work_there(
    address: str, tasks: Sequence[Task], done: Callable[[], None]
) -> list[SimulatedFigures]:
    """Run tasks on the cluster with the scheduler at `address`; workers need this project.

    Raises MissingExtraError without the extra `cluster`, UsageError for a malformed address, and
    ClusterError if the scheduler does not answer or a worker fails.
    """
    require_packages("--cluster", ["distributed"], "cluster")
    from distributed import as_completed  # noqa: PLC0415 - only a cluster needs it

    with _client(address) as client:
        futures = client.map(work, tasks, pure=False)
        try:
            for _ in as_completed(futures, loop=client.loop):  # pyrefly: ignore[unknown-variable-type] - untyped
                done()
            return cast("list[SimulatedFigures]", client.gather(futures))
        except Exception as error:  # noqa: BLE001 - `gather` raises the worker's error
            cause = " ".join(f"{type(error).__name__}: {error}".split())
            message = f"--cluster {address}: a worker failed: {cause}"
            raise ClusterError(message) from None
        finally:
            client.cancel(futures)


@contextmanager
def _client(address: str) -> "Generator[Client]":
    from distributed import Client  # noqa: PLC0415 - as above

    _refuse_odd(address)
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        message = (
            f"--cluster {address}: no Dask scheduler answers there"
            f" ({type(error).__name__}); start one with `dask scheduler`"
        )
        raise ClusterError(message) from None
    with client:
        yield client


def _refuse_odd(address: str) -> None:
    """Raise UsageError for a malformed address, or Dask would wait or start a local cluster."""
    from distributed.comm.addressing import get_address_host_port  # noqa: PLC0415 - as above

    try:
        get_address_host_port(address)
    except ValueError:
        message = f"--cluster {address!r}: not an address; expected a scheduler's, tcp://HOST:8786"
        raise UsageError(message) from None


@contextmanager
def _pool(workers: int) -> "Generator[ProcessPoolExecutor]":
    """Yield a pool of processes; they are terminated if the block raises."""
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    # Children inherit the ignored SIGINT; the parent handles Ctrl-C.
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for _ in range(workers):
            pool.submit(int)
    finally:
        signal.signal(signal.SIGINT, handler)
    try:
        yield pool
    except BaseException:
        for process in active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
