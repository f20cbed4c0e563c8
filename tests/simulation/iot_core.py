"""IoT Core of one region: things with certificates, policies and shadows."""

import base64
import copy
import hashlib
import io
import json
import ssl
from collections.abc import Callable
from typing import Any

from tests.simulation.things import Request, Things, aws_error, entry_of, page, require

_MOST_VERSIONS, _MOST_POLICIES = 5, 10


def certificate(number: int) -> tuple[str, str]:
    """Return a PEM with some content, and the id that IoT Core gives it."""
    der = hashlib.sha256(b"certificate %d" % number).digest() * 3
    return ssl.DER_cert_to_PEM_cert(der), hashlib.sha256(der).hexdigest()


class IotCore(Things):
    """The registry and the shadows of a region, as the clients `iot` and `iot-data`."""

    def __init__(self, region: str, now: Callable[[], int], detaching: Callable[[], int]) -> None:
        super().__init__(region, now, detaching)
        self.policies: dict[str, Any] = {}
        self.cas: dict[str, Any] = {}
        self.shadows: dict[tuple[str, str], Any] = {}
        self._shadow_versions: dict[tuple[str, str], int] = {}

    def snapshot(self) -> dict[str, str]:
        """Return the content of each entity by its key, as it is when detachments are done."""
        attached = {
            pair: kind for pair, kind in self.attached.items() if pair not in self.detaching
        }
        states: dict[str, Any] = {
            f"thing/{name}": (
                thing["type"], thing["attributes"],
                sorted(group for each, group in self.members if each == name),
                sorted((each, kind) for (owner, each), kind in attached.items() if owner == name),
            )
            for name, thing in self.things.items()
        }  # fmt: skip
        for name, group in self.groups.items():
            text = group["properties"].get("thingGroupDescription", "")
            states[f"thing-group/{name}"] = (group["parent"], text, self._policies_of(name))
        for name, kind in self.types.items():
            text = kind["properties"].get("thingTypeDescription", "")
            states[f"thing-type/{name}"] = (text, bool(kind["deprecated"]))
        for name, policy in self.policies.items():
            # Equal as JSON, with the region of its own in place of every region.
            documents = {
                version: json.dumps(json.loads(text.replace(self.region, "here")), sort_keys=True)
                for version, (text, _) in policy["versions"].items()
            }
            default = documents.pop(policy["default"])
            states[f"policy/{name}"] = (default, sorted(documents.values()))
        for name, entry in self.certificates.items():
            states[f"certificate/{name}"] = (entry["status"], self._policies_of(name))
        for name, entry in self.cas.items():
            states[f"ca-certificate/{name}"] = (entry["status"], entry["autoRegistrationStatus"])
        for (thing, name), shadow in self.shadows.items():
            halves = shadow["state"].items()
            states |= {f"shadow/{thing}/{name}/{half}": values for half, values in halves}
        return {key: json.dumps(state, sort_keys=True) for key, state in states.items()}

    def _policies_of(self, name: str) -> list[str]:
        return sorted(policy for policy, arn in self.targets if arn.endswith(f"/{name}"))

    # Policies

    def list_policies(self, r: Request) -> Any:
        return page(r, "policies", self.policies, lambda name: {"policyName": name})

    def list_policy_versions(self, r: Request) -> Any:
        policy = entry_of(self.policies, r["policyName"])
        return {"policyVersions": [
            {"versionId": name, "isDefaultVersion": name == policy["default"], "createDate": date}
            for name, (_, date) in sorted(policy["versions"].items())
        ]}  # fmt: skip

    def _version(self, r: Request) -> Any:
        policy = entry_of(self.policies, r["policyName"])
        entry_of(policy["versions"], r["policyVersionId"])
        return policy

    def get_policy_version(self, r: Request) -> Any:
        return {"policyDocument": self._version(r)["versions"][r["policyVersionId"]][0]}

    def create_policy(self, r: Request) -> None:
        require(r["policyName"] not in self.policies, "ResourceAlreadyExistsException")
        versions = {"1": (r["policyDocument"], self.date())}
        self.policies[r["policyName"]] = {"versions": versions, "default": "1", "last": 1}

    def create_policy_version(self, r: Request) -> None:
        policy = entry_of(self.policies, r["policyName"])
        require(len(policy["versions"]) < _MOST_VERSIONS, "VersionsLimitExceededException")
        policy["last"] += 1
        policy["versions"][str(policy["last"])] = (r["policyDocument"], self.date())
        if r.get("setAsDefault"):
            policy["default"] = str(policy["last"])

    def set_default_policy_version(self, r: Request) -> None:
        self._version(r)["default"] = r["policyVersionId"]

    def delete_policy_version(self, r: Request) -> None:
        policy = self._version(r)
        require(r["policyVersionId"] != policy["default"], "DeleteConflictException")
        del policy["versions"][r["policyVersionId"]]

    def delete_policy(self, r: Request) -> None:
        name = r["policyName"]
        policy = entry_of(self.policies, name)
        is_attached = any(each == name for each, _ in self.targets)
        is_free = len(policy["versions"]) == 1 and not is_attached
        require(is_free, "DeleteConflictException")
        del self.policies[name]

    def _require_target(self, target: str) -> None:
        kind, _, name = target.rpartition(":")[2].partition("/")
        entry_of({"cert": self.certificates, "thinggroup": self.groups}[kind], name)

    def list_targets_for_policy(self, r: Request) -> Any:
        entry_of(self.policies, r["policyName"])
        return page(r, "targets", [arn for name, arn in self.targets if name == r["policyName"]])

    def list_attached_policies(self, r: Request) -> Any:
        self._require_target(r["target"])
        names = [name for name, arn in self.targets if arn == r["target"]]
        return page(r, "policies", names, lambda name: {"policyName": name})

    def attach_policy(self, r: Request) -> None:
        entry_of(self.policies, r["policyName"])
        self._require_target(r["target"])
        wanted = {(r["policyName"], r["target"])}
        count = sum(arn == r["target"] for _, arn in self.targets | wanted)
        require(count <= _MOST_POLICIES, "LimitExceededException")
        self.targets |= wanted

    def detach_policy(self, r: Request) -> None:
        self._require_target(r["target"])
        self.targets.discard((r["policyName"], r["target"]))

    # Certificates of devices and of CAs

    def list_certificates(self, r: Request) -> Any:
        return page(r, "certificates", self.certificates, lambda name: {"certificateId": name})

    def describe_certificate(self, r: Request) -> Any:
        entry = entry_of(self.certificates, r["certificateId"])
        return {"certificateDescription": {"certificateId": r["certificateId"], **entry}}

    def register_certificate_without_ca(self, r: Request) -> Any:
        return self._register(self.certificates, r["certificatePem"], status=r["status"])

    def _register(self, entries: dict[str, Any], pem: str, **content: str) -> Any:
        body = "".join(pem.split("\n")[1:-2])
        name = hashlib.sha256(base64.b64decode(body)).hexdigest()
        require(name not in entries, "ResourceAlreadyExistsException")
        entries[name] = {"certificatePem": pem, "lastModifiedDate": self.date(), **content}
        return {"certificateId": name}

    def update_certificate(self, r: Request) -> None:
        require(r["newStatus"] in ("ACTIVE", "INACTIVE", "REVOKED"), "InvalidRequestException")
        entry = entry_of(self.certificates, r["certificateId"])
        entry.update(status=r["newStatus"], lastModifiedDate=self.date())

    def delete_certificate(self, r: Request) -> None:
        name = r["certificateId"]
        entry = entry_of(self.certificates, name)
        require(entry["status"] != "ACTIVE", "CertificateStateException")
        is_attached = any(each == name for _, each in self.attachments())
        has_policies = any(arn == self.arn(f"cert/{name}") for _, arn in self.targets)
        require(not is_attached and not has_policies, "DeleteConflictException")
        del self.certificates[name]

    def list_ca_certificates(self, r: Request) -> Any:
        return page(r, "certificates", self.cas, lambda name: {"certificateId": name})

    def describe_ca_certificate(self, r: Request) -> Any:
        entry = entry_of(self.cas, r["certificateId"])
        return {"certificateDescription": {"certificateId": r["certificateId"], **entry}}

    def register_ca_certificate(self, r: Request) -> Any:
        # DEFAULT asks for what only the owner of the key can make.
        require(r.get("certificateMode") == "SNI_ONLY", "CertificateValidationException")
        automatic = "ENABLE" if r.get("allowAutoRegistration") else "DISABLE"
        status = "ACTIVE" if r.get("setAsActive") else "INACTIVE"
        pem = r["caCertificate"]
        return self._register(self.cas, pem, status=status, autoRegistrationStatus=automatic)

    def update_ca_certificate(self, r: Request) -> None:
        entry = entry_of(self.cas, r["certificateId"])
        entry["status"] = r.get("newStatus", entry["status"])
        before = entry["autoRegistrationStatus"]
        entry["autoRegistrationStatus"] = r.get("newAutoRegistrationStatus", before)
        entry["lastModifiedDate"] = self.date()

    def delete_ca_certificate(self, r: Request) -> None:
        entry = entry_of(self.cas, r["certificateId"])
        require(entry["status"] == "INACTIVE", "CertificateStateException")
        del self.cas[r["certificateId"]]

    # Shadows

    def list_named_shadows_for_thing(self, r: Request) -> Any:
        thing = r["thingName"]
        return page(r, "results", [name for each, name in self.shadows if each == thing and name])

    def get_thing_shadow(self, r: Request) -> Any:
        shadow = entry_of(self.shadows, (r["thingName"], r.get("shadowName", "")))
        return {"payload": io.BytesIO(json.dumps(shadow).encode())}

    def update_thing_shadow(self, r: Request) -> None:
        update, key = json.loads(r["payload"]), (r["thingName"], r.get("shadowName", ""))
        blank = {"state": {}, "metadata": {}, "version": self._shadow_versions.get(key, 0)}
        shadow: Any = copy.deepcopy(self.shadows.get(key, blank))
        if update.get("version") not in (None, shadow["version"]):
            raise aws_error("ConflictException")
        for half, changes in update["state"].items():
            values = shadow["state"].setdefault(half, {})
            dates = shadow["metadata"].setdefault(half, {})
            for name, value in (changes or dict.fromkeys(values)).items():
                values[name], dates[name] = value, {"timestamp": self.now() // 1000}
                if value is None:
                    del values[name], dates[name]
            if not values:
                del shadow["state"][half], shadow["metadata"][half]
        shadow["version"] += 1
        self.shadows[key], self._shadow_versions[key] = shadow, shadow["version"]

    def delete_thing_shadow(self, r: Request) -> None:
        key = (r["thingName"], r.get("shadowName", ""))
        entry_of(self.shadows, key)
        del self.shadows[key]
