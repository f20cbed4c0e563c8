"""IAM policy statements for reading and writing the AWS IoT registry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from modules.policy_document import REQUESTED_REGION, allow

Statement = Mapping[str, Any]

# All entities of these kinds are copied, whatever their names are (ADR 0022).
_KINDS: Final = ("cacert", "cert", "policy", "thing", "thinggroup", "thingtype")
# Both ListThingPrincipals actions: the API reference says that ListThingPrincipalsV2 requires the
# first, and the service authorization reference lists the second.
_READ: Final = (
    *("DescribeCACertificate", "DescribeCertificate", "DescribeThing", "DescribeThingGroup"),
    *("DescribeThingType", "GetPolicyVersion", "GetThingShadow", "ListPolicyVersions"),
    *("ListThingGroupsForThing", "ListThingPrincipals", "ListThingPrincipalsV2"),
)
_WRITE: Final = (
    *("AddThingToThingGroup", "AttachPolicy", "AttachThingPrincipal", "CreatePolicy"),
    *("CreatePolicyVersion", "CreateThing", "CreateThingGroup", "CreateThingType"),
    *("DeleteCACertificate", "DeleteCertificate", "DeletePolicy", "DeletePolicyVersion"),
    *("DeleteThing", "DeleteThingGroup", "DeleteThingShadow", "DeleteThingType"),
    *("DeprecateThingType", "DetachPolicy", "DetachThingPrincipal", "ListPrincipalThings"),
    *("ListTargetsForPolicy", "ListThingsInThingGroup", "RemoveThingFromThingGroup"),
    *("SetDefaultPolicyVersion", "UpdateCACertificate", "UpdateCertificate", "UpdateThing"),
    *("UpdateThingGroup", "UpdateThingShadow", "UpdateThingType"),
)
_CHANGE_POLICY: Final = (
    *("CreatePolicy", "CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion"),
    "SetDefaultPolicyVersion",
)
_CHANGE_CA: Final = ("DeleteCACertificate", "UpdateCACertificate")
# The service authorization reference lists no resource type for these:
# docs.aws.amazon.com/service-authorization/latest/reference/list_awsiot.html.
_READ_ANY: Final = ("DescribeEndpoint", "ListAttachedPolicies")
_WRITE_ANY: Final = ("RegisterCACertificate", "RegisterCertificateWithoutCA")
_LIST_ANY: Final = (
    *("ListCACertificates", "ListCertificates", "ListPolicies", "ListThingGroups"),
    *("ListThingTypes", "ListThings"),
)


@dataclass(frozen=True)
class RegistryStatements:
    """Statements for the registry of one region and account."""

    region: str
    account_id: str

    def reading(self) -> list[Statement]:
        """Return statements that allow reading entities by name."""
        return [
            self._entities("ReadTheRegistry", _READ, _KINDS),
            self._any("ReadWhatHasNoName", _READ_ANY),
        ]

    def listing(self) -> list[Statement]:
        """Return statements that allow listing all entities, and the shadows of a thing."""
        return [
            self._entities("ListShadows", ["ListNamedShadowsForThing"], ["thing"]),
            self._any("ListTheRegistry", _LIST_ANY),
        ]

    def writing(
        self, excluded_policies: Sequence[str], excluded_ca_certificates: Sequence[str]
    ) -> list[Statement]:
        """Return statements that allow creating, changing and deleting entities not excluded."""
        statements = [
            self._entities("WriteTheRegistry", _WRITE, _KINDS),
            self._any("Register", _WRITE_ANY),
            self._keep("LeaveThePoliciesOfOthers", _CHANGE_POLICY, "policy", excluded_policies),
        ]
        if excluded_ca_certificates:
            sid = "LeaveTheCaCertificatesOfOthers"
            statements.append(self._keep(sid, _CHANGE_CA, "cacert", excluded_ca_certificates))
        return statements

    def _keep(self, sid: str, calls: Sequence[str], kind: str, names: Sequence[str]) -> Statement:
        return {
            "Sid": sid,
            "Effect": "Deny",
            "Action": _actions(calls),
            "Resource": [self._arn(kind, name) for name in names],
        }

    def _entities(self, sid: str, calls: Sequence[str], kinds: Sequence[str]) -> Statement:
        return allow(sid, _actions(calls), [self._arn(kind, "*") for kind in kinds])

    def _any(self, sid: str, calls: Sequence[str]) -> Statement:
        return in_region(sid, _actions(calls), self.region)

    def _arn(self, kind: str, name: str) -> str:
        return f"arn:aws:iot:{self.region}:{self.account_id}:{kind}/{name}"


def count_deletions(table_arn: str) -> Statement:
    """Return a statement that allows updating items of the registry table, for that of the brake.

    A condition on its key would restrict nothing, since the functions may write any row.
    """
    return allow("CountDeletions", "dynamodb:UpdateItem", table_arn)


def in_region(sid: str, actions: Sequence[str], region: str) -> Statement:
    """Return a statement that allows actions without a resource type in one region."""
    return allow(sid, list(actions), "*", {"StringEquals": {REQUESTED_REGION: region}})


def _actions(calls: Sequence[str]) -> list[str]:
    return [f"iot:{call}" for call in calls]
