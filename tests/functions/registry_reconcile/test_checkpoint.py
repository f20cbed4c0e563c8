"""Where a comparison goes on."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.registry.entity import EntityError, Kind
from functions.registry_reconcile.checkpoint import Checkpoint

places = st.builds(
    Checkpoint,
    kind=st.none() | st.sampled_from(Kind),
    page=st.none() | st.text(),
    done=st.integers(min_value=0),
    row=st.none() | st.tuples(st.text(), st.text()),
    counting=st.booleans(),
    run=st.integers(min_value=0),
    step=st.integers(min_value=0),
    entities=st.integers(min_value=0),
    own=st.integers(min_value=0),
    known=st.integers(min_value=0),
)


@given(places)
def test_a_place_survives_a_message(place: Checkpoint) -> None:
    assert Checkpoint.from_message(json.loads(json.dumps(place.message()))) == place


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "jobs"}, {"kind": 1}, {"page": 1}, {"done": None}, {"done": -1}, {"done": True},
        {"counting": 1}, {"own": -1}, {"known": True}, {"run": None}, {"step": -1},
        {"row": "thing/a"}, {"row": ["thing/a"]}, {"row": ["thing/a", 1]}, {"row": {}},
    ],
)  # fmt: skip
def test_what_is_not_a_place_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(EntityError):
        Checkpoint.from_message({**Checkpoint().message(), **change})


@pytest.mark.parametrize("name", ["kind", "page", "done", "row", "counting", "own", "known", "run"])
def test_a_place_is_whole(name: str) -> None:
    message = Checkpoint().message()
    del message[name]
    with pytest.raises(EntityError):
        Checkpoint.from_message(message)
