"""AWS IoT's answers to requests that moto does not support, as far as a provider reads them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from ssl import PEM_cert_to_DER_cert
from typing import Any, Final

from iot_dr.drill.play.faults import ApiRequest, Reply

_JSON: Final = "application/json"
_MISSING: Final = Reply(404, b'{"message": "not found"}', _JSON)


@dataclass
class IotAnswers:
    """Stores event configurations, CA certificates and provisioning templates of an account."""

    account: str
    kept: dict[tuple[str, str], dict[str, Any]] = field(
        default_factory=dict[tuple[str, str], dict[str, Any]]
    )

    def __call__(self, request: ApiRequest) -> Reply | None:
        """Answer a request, or leave it to moto."""
        if request.service != "iot":
            return None
        path, _, _ = request.path.partition("?")
        _, kind, *rest = path.split("/")
        said = json.loads(request.body or b"{}")
        match kind:
            case "event-configurations":
                return self._events(request, said)
            case "cacertificate":
                # AWS IoT identifies a CA by the SHA-256 of its certificate.
                pem = said.get("caCertificate", "")
                name = rest[0] if rest else sha256(PEM_cert_to_DER_cert(pem)).hexdigest()
                arn = self._arn(request, "cacert", name)
                made = {"certificateId": name, "certificateArn": arn, "status": "ACTIVE"}
                # An update has its changes in the query, which only a second plan would read.
                new = {"certificatePem": pem} if pem else {}
                return self._named(request, arn, {**said, **new, **made})
            case "provisioning-templates":
                name = rest[0] if rest else said["templateName"]
                arn = self._arn(request, "provisioningtemplate", name)
                made = {"templateName": name, "templateArn": arn, "defaultVersionId": 1}
                return self._named(request, arn, {**said, **made})
            case _:
                return None

    def _events(self, request: ApiRequest, said: Mapping[str, Any]) -> Reply:
        place = request.region, "event-configurations"
        self.kept[place] = {**self.kept.get(place, {}), **said}
        return _reply(self.kept[place] if request.method == "GET" else {})

    def _named(self, request: ApiRequest, arn: str, made: dict[str, Any]) -> Reply:
        """Create, change, describe or delete a resource with an ARN."""
        place = request.region, arn
        if request.method == "DELETE":
            self.kept.pop(place, None)
            return _reply({})
        if request.method == "GET" and place not in self.kept:
            return _MISSING
        self.kept[place] = {**self.kept.get(place, {}), **made}
        # A CA is described in a member of its own, and clients ignore unknown members.
        return _reply({**self.kept[place], "certificateDescription": self.kept[place]})

    def _arn(self, request: ApiRequest, kind: str, name: str) -> str:
        return f"arn:aws:iot:{request.region}:{self.account}:{kind}/{name}"


def _reply(content: Mapping[str, Any]) -> Reply:
    return Reply(200, json.dumps(content).encode(), _JSON)
