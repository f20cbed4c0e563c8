"""What the drill hears of a process of its own that does not obey."""

import asyncio
import gc
import sys
import warnings
from pathlib import Path

import pytest
from pydantic import BaseModel

from iot_dr.drill.play.world_time import in_virtual_time
from iot_dr.drill.rig.child import ModuleChild, ModuleChildError
from tests.support.drill import in_loop
from tests.support.executable import executable

_MODULE = "iot_dr_odd_child"


class _Nothing(BaseModel):
    """A configuration that says nothing."""


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of a module that a child is started with; it sees this folder alone."""
    script = f'#!/bin/sh\nshift\nPYTHONPATH={tmp_path} exec {sys.executable} "$@"\n'
    python = executable(tmp_path / "python", script)
    monkeypatch.setattr(sys, "executable", str(python))
    return tmp_path / f"{_MODULE}.py"


@in_loop
async def test_a_process_that_ends_is_reported_with_what_it_wrote_of_it(started: Path) -> None:
    started.write_text("raise SystemExit('out of order')")
    child = ModuleChild(_MODULE, lambda _line: None)
    with pytest.raises(ModuleChildError, match=r"it ended(.|\n)*out of order"):
        await child.start(_Nothing())
    assert not child.is_running


@in_loop
async def test_a_line_that_is_not_json_is_reported_as_its_death(started: Path) -> None:
    started.write_text("print('no json', flush=True); input(); input()")
    child = ModuleChild(_MODULE, lambda _line: None)
    with pytest.raises(ModuleChildError, match="printed a line that is not JSON"):
        await child.start(_Nothing())
    assert "not JSON" in child.died.result()


def test_a_process_that_does_not_answer_is_given_up(started: Path) -> None:
    started.write_text("input(); input()")

    async def given_up() -> None:
        child = ModuleChild(_MODULE, lambda _line: None)
        with pytest.raises(ModuleChildError, match=r"no answer within 20 s"):
            await child.start(_Nothing())
        assert not child.is_running

    in_virtual_time(given_up())


@in_loop
async def test_a_process_that_does_not_run_is_reported_nothing() -> None:
    with pytest.raises(ModuleChildError, match=f"{_MODULE} does not run"):
        await ModuleChild(_MODULE, lambda _line: None).request(_Nothing())


def test_an_end_that_is_cancelled_leaves_no_pipe_open(started: Path) -> None:
    started.write_text("""print('{"done": true}', flush=True); input(); input()""")

    async def cancelled() -> bool:
        child = ModuleChild(_MODULE, lambda _line: None)
        await child.start(_Nothing())
        ending = asyncio.ensure_future(child.end())
        await asyncio.sleep(0)
        ending.cancel()
        await asyncio.gather(ending, return_exceptions=True)
        await child.end()
        return ending.cancelled()

    gc.collect()
    with warnings.catch_warnings(record=True) as result:
        warnings.simplefilter("always")
        assert asyncio.run(cancelled())
        gc.collect()
    assert [str(each.message) for each in result] == []
