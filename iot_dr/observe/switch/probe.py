"""A TLS probe of a regional name from this machine."""

import socket
import ssl

from functions.contract import MQTT_PORT
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.observe.status.addresses import addresses
from iot_dr.observe.status.dns_query import DnsError
from iot_dr.observe.status.network import Network


class ProbeError(UserError):
    """A name is not found, does not answer, or serves an unfit certificate."""


def probe(name: str, port: int | None = None, seconds: float = 1.0) -> None:
    """Connect to a name and do a TLS handshake; `seconds` for each, but the lookup may take longer.

    The name is looked up by the system, and the port that of devices, unless a network is given
    (`Network.given`). The certificate is verified by the system's roots. A server that only
    requires a client certificate passes. Raises ProbeError.
    """
    network = Network.given()
    try:
        address = addresses(name, network, seconds)[0] if network else name
        port = port or (network.tls_port if network else MQTT_PORT)
        with socket.create_connection((address, port), seconds) as connection:
            _shake_hands(connection, name)
    except ssl.SSLCertVerificationError as error:
        raise ProbeError(f"its certificate is invalid: {plain(error.verify_message)}") from error
    except ssl.SSLError as error:
        raise ProbeError(f"no TLS on port {port}: {plain(error.reason or str(error))}") from error
    except (socket.gaierror, DnsError) as error:
        raise ProbeError(f"its name {name} is not found here") from error
    except OSError as error:
        raise ProbeError(f"no answer on port {port}: {plain(str(error))}") from error


def _shake_hands(connection: socket.socket, name: str) -> None:
    context = ssl.create_default_context()
    with context.wrap_socket(
        connection, server_hostname=name, do_handshake_on_connect=False
    ) as secure:
        try:
            secure.do_handshake()
        except ssl.SSLCertVerificationError:
            raise
        except ssl.SSLError as error:
            # An alert after a cipher was agreed on: the server only requires a client certificate.
            if secure.cipher() is None or "ALERT" not in (error.reason or ""):
                raise
