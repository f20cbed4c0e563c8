"""The answer of one name server."""

from dns.rdatatype import RdataType

from iot_dr.observe.status.addresses import addresses
from iot_dr.observe.status.dns_query import query, records
from iot_dr.observe.status.network import Network


def answered(server: str, name: str) -> str:
    """Return the CNAME that a name server answers for a name, "" for none.

    Raises DNSException or OSError if the server does not answer.
    """
    network = Network.current()
    seconds = network.limits.dns
    address = addresses(server, network, seconds)[0]
    message = query(address, network.authority_port, name, RdataType.CNAME, seconds)
    answers = records(message, RdataType.CNAME, name)
    return answers[0].data if answers else ""
