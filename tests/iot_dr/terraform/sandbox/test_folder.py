"""A key is a legible path that cannot leave its folder."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.terraform.sandbox.folder import key_of, path_of

# Lone surrogates too, and more often than not what paths take for special.
KEYS = st.lists(
    st.sampled_from(["", ".", "..", "/", "%", "%2E", "a", "~", "\0", "\\"])
    | st.text(st.characters(), max_size=5),
    max_size=8,
).map("".join)


@given(KEYS)
def test_the_path_leads_back_to_the_key(key: str) -> None:
    assert key_of(path_of(key)) == key


@given(KEYS)
def test_the_path_stays_below_its_folder_and_is_printable(key: str) -> None:
    path = path_of(key)
    assert not path.is_absolute()
    assert not {"", ".", ".."} & set(path.parts)
    assert len(path.parts) == key.count("/") + 1
    assert str(path).isascii()
    assert str(path).isprintable()


@pytest.mark.parametrize(
    "key", ["dev/iot-dev-hosted-zone.tfstate", "dev/iot-dev-iot.tfstate.tflock"]
)
def test_the_keys_of_states_and_locks_are_paths_as_they_are(key: str) -> None:
    assert path_of(key) == PurePosixPath(key)


@pytest.mark.parametrize("path", ["%2F", "a b", "%2e", "x/%61", "%ED", "é"])
def test_a_file_that_no_key_leads_to_is_not_an_object(path: str) -> None:
    assert key_of(PurePosixPath(path)) is None
