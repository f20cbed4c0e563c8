"""Name servers and regions on loopback, passed to a command in a process of its own."""

import json
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from iot_dr.observe.status.network import Network, Resolver

if TYPE_CHECKING:
    # A started command does not need these imports, and would start later.
    from iot_dr.drill.play.tls_name import TlsNames
    from tests.support.name_servers import NameServers


def written(names: "NameServers", tls: "TlsNames", roots: Path) -> str:
    """Return a network as JSON; `roots` is the file of the trusted certificates."""
    return json.dumps(
        {
            "resolvers": [each.port for each in names.resolvers],
            "authority_port": names.own.port,
            "tls_port": tls.port,
            "roots": str(roots),
        }
    )


def network(text: str) -> Network:
    """Read the output of `written`."""
    given = json.loads(text)
    return Network(
        resolvers=tuple(Resolver("127.0.0.1", port) for port in given["resolvers"]),
        authority_port=given["authority_port"],
        tls_port=given["tls_port"],
        trust=ssl.create_default_context(cafile=given["roots"]),
    )
