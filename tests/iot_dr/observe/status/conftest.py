from collections.abc import Iterator

import pytest

from iot_dr.drill.play.tls_name import TlsNames, tls_names
from iot_dr.observe.status.network import Network, QueryLimits
from tests.iot_dr.observe.status.world import SETTINGS
from tests.support.name_servers import NameServers, name_servers
from tests.support.tls_names import Authority

LIMITS = QueryLimits(dns=0.6, tls=0.6, total=3.0)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def tls(authority: Authority) -> Iterator[TlsNames]:
    """Both regions serve a good certificate."""
    good = authority.served("good", [f"*.{SETTINGS.zone_name}"])
    with tls_names(dict.fromkeys(SETTINGS.regions, good)) as servers:
        yield servers


@pytest.fixture
def names(tls: TlsNames) -> Iterator[NameServers]:
    with name_servers(SETTINGS, tls.addresses) as servers:
        yield servers


@pytest.fixture
def network(names: NameServers, tls: TlsNames, authority: Authority) -> Network:
    return Network(
        resolvers=tuple(each.resolver for each in names.resolvers),
        authority_port=names.own.port,
        tls_port=tls.port,
        trust=authority.trust,
        limits=LIMITS,
    )
