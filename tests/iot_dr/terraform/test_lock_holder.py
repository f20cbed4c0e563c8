"""A lock file that does not name its holder."""

import pytest

from iot_dr.terraform.lock_holder import holder_in


@pytest.mark.parametrize("content", [b"[" * 100_000, b"{}", b"\xff", b'{"ID": 1}', b""])
def test_another_file_names_no_holder(content: bytes) -> None:
    assert holder_in(content) is None
