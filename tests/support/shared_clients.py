"""boto3's sessions and clients, shared by all commands that a test runs in this process.

Each command creates its own, which takes longer than their few calls.
"""

import os
from functools import cache
from threading import Lock
from typing import Any, Final, cast

import boto3.session
import pytest

_MADE: Final = cast("Any", boto3.session.Session)
# botocore can create only one client at a time.
_LOCK: Final = Lock()


class _Shared:
    """Replaces a session: returns the same client for the same service, region and limits."""

    def __init__(self, session: Any, clients: dict[str, Any]) -> None:
        self._session = session
        self._clients = clients

    def get_credentials(self) -> Any:
        """Return the credentials of this process's variables."""
        with _LOCK:
            return self._session.get_credentials()

    def client(self, service: str, *, config: Any, **options: Any) -> Any:
        """Return a client that an earlier command created, or a new one."""
        key = f"{id(self._session)} {service} {options} {vars(config)}"
        with _LOCK:
            if key not in self._clients:
                made = self._session.client(service, config=config, **options)
                self._clients[key] = made
            return self._clients[key]


def share_clients(patch: pytest.MonkeyPatch) -> None:
    """Share sessions with the same variables, and equal clients, until `patch` ends.

    Clients are not kept for longer: they count their retries.
    """
    clients: dict[str, Any] = {}

    def shared() -> _Shared:
        own = frozenset(each for each in os.environ.items() if each[0].startswith("AWS_"))
        with _LOCK:
            return _Shared(_session(own), clients)

    patch.setattr("boto3.session.Session", shared)


@cache
def _session(_variables: frozenset[tuple[str, str]]) -> Any:
    return _MADE()
