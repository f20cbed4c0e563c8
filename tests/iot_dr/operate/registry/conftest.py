"""Two regions of an account in moto, each with its registry and its table."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws

from functions.registry.access import RegistryAccess
from functions.registry.table import RegistryTable
from iot_dr.operate.registry.names import RegistryNames
from tests.functions.authority import Authority
from tests.functions.registry.access.here import Here, made
from tests.support.fixed_moto import fix_moto
from tests.support.quick_moto import quicken
from tests.support.registry_table import create_registry_table
from tests.support.settings import settings

DEV = settings(data={})
WEST, CENTRAL = DEV.regions
NAMES = RegistryNames.of(DEV)


@dataclass
class Place:
    """A region: its IoT Core with calls that are counted, and its table."""

    here: Here
    dynamodb: Any
    log: RegistryTable

    @property
    def access(self) -> RegistryAccess:
        return self.here.access

    def fresh(self) -> RegistryAccess:
        """Forget what was called, and answer what moto does not know."""
        access = self.here.fresh(excluded=NAMES.excluded)
        self.here.answers["ListCACertificates"] = lambda _given: {"certificates": []}
        return access

    def items(self) -> list[dict[str, Any]]:
        return self.dynamodb.scan(TableName=NAMES.table)["Items"]


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty account."""
    fix_moto(monkeypatch)
    quicken(monkeypatch)
    with mock_aws(config={"iot": {"use_valid_cert": True}}):
        yield "moto"


@cache
def _dynamodb(region: str) -> Any:
    """Make a client once: it costs more than a test."""
    return cast("Any", boto3).client("dynamodb", region)


def place(region: str) -> Place:
    here, dynamodb = made(region), _dynamodb(region)
    create_registry_table(dynamodb, NAMES.table)
    made_here = Place(here, dynamodb, RegistryTable(dynamodb, NAMES.table))
    made_here.fresh()
    return made_here


@pytest.fixture
def west(emulator: str) -> Place:
    """The region that has everything."""
    assert emulator
    return place(WEST)


@pytest.fixture
def central(emulator: str) -> Place:
    """Another region."""
    assert emulator
    return place(CENTRAL)


def replicate(one: Place, other: Place) -> None:
    """Carry rows over as a global table does; moto's replicas hold nothing."""
    for source, target, region in ((one, other, WEST), (other, one, CENTRAL)):
        for item in source.items():
            if item["region"]["S"] == region:
                target.dynamodb.put_item(TableName=NAMES.table, Item=item)


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A certificate."""
    text = Authority(tmp_path_factory.mktemp("authority")).issue("device-1").read_text()
    return text[text.index("-----BEGIN CERTIFICATE") :]
