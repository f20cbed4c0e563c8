"""What tests of functions share: an authority, and credentials."""

import pytest

from tests.functions.authority import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Credentials as Lambda gives them to a function."""
    given = {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "hidden-key",
        "AWS_SESSION_TOKEN": "hidden-token",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return given
