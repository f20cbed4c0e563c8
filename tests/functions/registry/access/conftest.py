"""Two regions and certificates, new for each test."""

import functools
from collections.abc import Callable, Iterator

import pytest
from moto import mock_aws

from tests.functions.authority import Authority
from tests.functions.registry.access.here import Here, made
from tests.support.fixed_moto import fix_moto


@pytest.fixture(autouse=True)
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty account in moto."""
    fix_moto(monkeypatch)
    # Else its ids are of the PEM, and not of the certificate as AWS's are.
    with mock_aws(config={"iot": {"use_valid_cert": True}}):
        yield


@pytest.fixture
def here() -> Here:
    """The region that is read and written."""
    region = made("eu-west-1")
    region.fresh()
    return region


@pytest.fixture
def there() -> Here:
    """Another region."""
    region = made("eu-central-1")
    region.fresh()
    return region


@pytest.fixture(scope="session")
def issue(authority: Authority) -> Callable[[str], str]:
    """Issues certificates, one a name: a key and the certificate in one text."""

    @functools.cache
    def issued(name: str) -> str:
        return authority.issue(name).read_text()

    return issued


@pytest.fixture(scope="session")
def authority_pem(authority: Authority) -> str:
    """The certificate of the authority."""
    return authority.file.read_text()
