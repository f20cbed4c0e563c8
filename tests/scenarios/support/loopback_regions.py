"""Regions that serve a found account's zone on loopback, and a name server that leads there."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from dns.rdatatype import RdataType

from iot_dr.drill.play.name_server import NameServer, Records, serving
from iot_dr.drill.play.tls_name import tls_names
from iot_dr.observe.status.network import Network
from iot_dr.terraform.sandbox.loopback import HOST
from tests.scenarios.support.account_kinds import REGIONS, ZONE
from tests.scenarios.support.found_account import FoundAccount, host
from tests.support.tls_names import Authority


@contextmanager
def regions_on_loopback(account: FoundAccount, folder: Path) -> Generator[Network]:
    """Serve every name of the zone in each region, for a `with` block; `folder` is for its keys.

    The name server is the parent zone's too, which delegates to the account's zone.
    """
    folder.mkdir()
    authority = Authority(folder)
    served = authority.served(ZONE, [f"*.{ZONE}"])
    with tls_names(dict.fromkeys(REGIONS, served)) as tls:
        known: dict[tuple[str, RdataType], list[str]] = {
            ("com", RdataType.NS): [HOST],
            (ZONE, RdataType.NS): account.name_servers(),
        }
        for region, address in tls.addresses.items():
            for name in (f"mqtt-{region}.{ZONE}", host(region)):
                known[name, RdataType.A] = [address]

        def answer(name: str, kind: RdataType) -> Records:
            values = known.get((name, kind), [])
            return [(60, f"{value}." if kind == RdataType.NS else value) for value in values]

        with serving(NameServer(answer)) as server:
            yield Network(
                resolvers=(server.resolver,),
                authority_port=server.port,
                tls_port=tls.port,
                trust=authority.trust,
            )
