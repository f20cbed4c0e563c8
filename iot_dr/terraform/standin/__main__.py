"""The plugin process that Terraform starts: handshake on stdout, then serves until it is stopped.

Source of the handshake: hashicorp/go-plugin/docs/internals.md; of the cookie: Terraform's
`internal/plugin/serve.go`.
"""

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import grpc

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.certificate import ServerCertificate
from iot_dr.terraform.standin.server import StandinServer

_COOKIE = "TF_PLUGIN_MAGIC_COOKIE"
_COOKIE_VALUE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
_CLIENT_CERTIFICATE = "PLUGIN_CLIENT_CERT"
_ORPHAN_CHECK = 1.0


def main() -> int:
    """Serve one Terraform process and end with it, even if it is killed.

    Return 1, without serving, if Terraform did not start this process.
    """
    if os.environ.get(_COOKIE) != _COOKIE_VALUE:
        sys.stderr.write("This is a Terraform provider: Terraform starts it, not a person.\n")
        return 1
    # Ctrl-C reaches the whole process group; Terraform decides when its providers stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    folder = Path(tempfile.mkdtemp(prefix="iot-dr-"))
    try:
        server = StandinServer(SchemaCache.default())
        server_certificate = _listen(server, folder / "s")
        server.grpc.start()
        sys.stdout.write(f"1|5|unix|{folder / 's'}|grpc|{server_certificate}\n")
        sys.stdout.flush()
        while not server.stopped.wait(_ORPHAN_CHECK) and os.getppid() == parent:
            pass
        server.grpc.stop(grace=None)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _listen(server: StandinServer, socket: Path) -> str:
    """Open the socket, with TLS if Terraform asks for it; return the handshake's certificate."""
    if not os.environ.get(_CLIENT_CERTIFICATE):
        server.grpc.add_insecure_port(f"unix:{socket}")
        return ""
    # Terraform's client certificate (P-521) is not supported by gRPC's TLS library, so it is not
    # verified. The socket's folder is open to this user only.
    own = ServerCertificate.make()
    credentials = grpc.ssl_server_credentials([(own.key_pem, own.certificate_pem)])
    server.grpc.add_secure_port(f"unix:{socket}", credentials)
    return own.handshake


if __name__ == "__main__":
    os._exit(main())
