import tarfile
from pathlib import Path

import pytest

from iot_dr.terraform.standin.cache import Bindings

_KEPT = ("provider", "route53-zone", "data-aws-route53-zone")


@pytest.fixture(scope="session")
def small_bindings(tmp_path_factory: pytest.TempPathFactory) -> Bindings:
    """The installed bindings, cut down to the provider and the zone."""
    installed = Bindings.installed()
    small = tmp_path_factory.mktemp("bindings") / installed.tarball.name
    wanted = {f"package/lib/{module}/index.js" for module in _KEPT}
    with tarfile.open(installed.tarball) as whole, tarfile.open(small, "w:gz") as cut:
        for member in whole:
            if member.name in wanted:
                cut.addfile(member, whole.extractfile(member))
    return Bindings(small, installed.version)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cache folder that does not exist yet."""
    return tmp_path / "standin"
