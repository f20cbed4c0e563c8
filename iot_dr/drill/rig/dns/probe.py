"""One probe of one Route 53 health checker.

Sources, below docs.aws.amazon.com/Route53/latest: DeveloperGuide/
dns-failover-determining-health-of-endpoints.html (time limits; certificates are not validated; the
part of a body that is searched) and APIReference/API_HealthCheckConfig.html (TLS 1.0 to 1.2).
"""

import asyncio
import re
import socket
import ssl
from typing import Any, Final

from functions.contract import HTTPS_PORT, MQTT_PORT
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.region.cloud import Cloud
from iot_dr.route53.check import HealthCheck

_TCP_LIMIT: Final = 10.0
_CONNECT_LIMIT: Final = 4.0
_ANSWER_LIMIT: Final = 2.0
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ \r]")
_GOOD: Final = range(200, 400)
_SEARCHED_BYTES: Final = 5_120
_AGENT: Final = "Amazon-Route53-Health-Check-Service (ref drill; report http://amzn.to/1vsZADi)"


class HealthCheckProber:
    """Sends the probes of health checks; time limits are in rehearsed time."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._clock = cloud.clock
        self._tls = ssl.create_default_context()
        self._tls.check_hostname = False
        self._tls.verify_mode = ssl.CERT_NONE
        self._tls.maximum_version = ssl.TLSVersion.TLSv1_2

    async def probe(self, check: HealthCheck) -> bool:
        """Probe once; return whether the endpoint answered successfully and in time.

        Raises ValueError for a check without an endpoint in a region.
        """
        if check.region is None or check.type not in {"TCP", "HTTP", "HTTPS"}:
            message = f"{check.id} has no endpoint in a region"
            raise ValueError(message)
        try:
            address = self._address(check, check.region)
            if check.type != "TCP":
                return await self._http(check, check.region, address)
            (await connected(self._clock, address, _TCP_LIMIT)).close()
        except OSError:
            return False
        return True

    def _address(self, check: HealthCheck, region: str) -> tuple[str, int]:
        """Return the local address; raises ConnectionRefusedError for a port that AWS lacks."""
        if check.host is None:
            ports = {HTTPS_PORT: self._cloud.endpoint(region, "api")}
        else:
            ports = {
                MQTT_PORT: self._cloud.endpoint(region, "mqtt"),
                HTTPS_PORT: self._cloud.endpoint(region, "https"),
            }
        try:
            return ports[check.port]
        except KeyError:
            raise ConnectionRefusedError from None

    async def _http(self, check: HealthCheck, region: str, address: tuple[str, int]) -> bool:
        api = self._cloud.apis.get(region)
        host = check.host or (api.host if api else "")
        path, searched = self._cloud.values(check.path), self._cloud.values(check.searched)
        tls: dict[str, Any] = {}
        if check.type == "HTTPS":
            tls = {"ssl": self._tls, "server_hostname": host if check.has_sni else ""}
        seconds = self._clock.wall(_ANSWER_LIMIT)
        connection = await connected(self._clock, address, _CONNECT_LIMIT)
        async with asyncio.timeout(seconds) as limit:
            # The transport owns the socket from here on. If this closed it, its descriptor could be
            # reused while the loop still watches it.
            reader, writer = await asyncio.open_connection(sock=connection, **tls)
            try:
                head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {_AGENT}\r\n"
                writer.write(f"{head}Accept: */*\r\nConnection: close\r\n\r\n".encode())
                if await _status(reader) not in _GOOD:
                    return False
                # The body has as much time again.
                limit.reschedule(asyncio.get_running_loop().time() + seconds)
                return not searched or searched.encode() in await _start_of_body(reader)
            finally:
                # Does not wait for the peer's TLS close_notify, which may never come.
                writer.transport.abort()


async def _status(reader: asyncio.StreamReader) -> int:
    try:
        match = _STATUS.match(await reader.readline())
    except ValueError:  # a line longer than the limit
        return 0
    return int(match[1]) if match else 0


async def _start_of_body(reader: asyncio.StreamReader) -> bytes:
    """Return the part of a body in which a check searches, empty without the end of the headers."""
    try:
        await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return b""
    body = b""
    while data := await reader.read(_SEARCHED_BYTES - len(body)):
        body += data
    return body


async def connected(clock: RigClock, address: tuple[str, int], limit: float) -> socket.socket:
    """Return a socket connected within `limit` rehearsed seconds; raises OSError (TimeoutError).

    If a listener's queue is full, the kernel drops the SYN, and the client's kernel retransmits it
    after 1, 3 and 7 seconds of real time. During a reconnect storm at a high speed, a probe would
    be late only for that reason. So this retries after as many rehearsed seconds.
    """
    async with asyncio.timeout(clock.wall(limit)):
        pause = 1.0
        while True:
            try:
                async with asyncio.timeout(clock.wall(pause)):
                    return await _connected(address)
            except TimeoutError:
                pause *= 2


async def _connected(address: tuple[str, int]) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        await asyncio.get_running_loop().sock_connect(opened, address)
    except BaseException:
        # Before its descriptor is reused, which the loop would still watch.
        asyncio.get_running_loop().remove_writer(opened)
        opened.close()
        raise
    return opened
