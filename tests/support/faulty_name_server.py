"""A name server on loopback that may lose queries, refuse, or answer something else."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import dns.message
from dns.rcode import NOERROR, Rcode
from dns.rdatatype import RdataType

from iot_dr.drill.play.name_server import NameServer, Records


@dataclass
class FaultyNameServer(NameServer):
    """Answers from `own` what that has; does not answer if it `is_silent`.

    It does not answer the next `loses` queries, and sends its `noise` before each answer. `asked`
    has the names of all queries.
    """

    own: dict[tuple[str, RdataType], Records] = field(
        default_factory=dict[tuple[str, RdataType], Records]
    )
    rcode: Rcode = NOERROR
    is_silent: bool = False
    loses: int = 0
    noise: bytes = b""
    asked: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        super().__post_init__()
        zone = self.zone

        def answer(name: str, kind: RdataType) -> Records:
            self.asked.append(name)
            if self.rcode != NOERROR:
                return []
            return self.own[name, kind] if (name, kind) in self.own else zone(name, kind)

        self.zone = answer

    def datagrams(self, query: bytes) -> Sequence[bytes]:
        (answer,) = super().datagrams(query)
        message = dns.message.from_wire(answer)
        message.set_rcode(self.rcode)
        noise = [self.noise] if self.noise else []
        if self.loses:
            self.loses -= 1
            return noise
        return noise if self.is_silent else [*noise, message.to_wire()]
