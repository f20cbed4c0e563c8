"""The versions of an IoT policy: at most five, one of which is the default and in force."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.registry.access.region import Client

MAX_VERSIONS = 5
"""The maximum number of versions of an IoT policy.

docs.aws.amazon.com/iot/latest/apireference/API_CreatePolicyVersion.html
"""


@dataclass(frozen=True)
class PolicyVersion:
    """A policy version with its canonical document and its creation date."""

    id: str
    document: str
    default: bool
    created: object = None


@dataclass(frozen=True)
class VersionUpdate:
    """Updates the versions of policy `name`; `texts` maps canonical to rendered documents."""

    iot: Client
    name: str
    texts: Mapping[str, str]

    def apply(self, versions: Sequence[PolicyVersion], default: str, others: Sequence[str]) -> None:
        """Make `default` the default document and `others` the rest, in as few calls as possible.

        Only the old and the new default are ever in force. If all five versions exist, that may
        cost one more deletion and creation.
        """
        non_default = self._set_default(list(versions), default, others)
        surplus = _surplus(non_default, others)
        for version in surplus:
            self._delete(version)
        kept = [version.document for version in non_default if version not in surplus]
        for document in (Counter(others) - Counter(kept)).elements():
            self._create(document, default=False)

    def _set_default(
        self, versions: list[PolicyVersion], default: str, others: Sequence[str]
    ) -> list[PolicyVersion]:
        """Make a document the default, and return the versions that are not the default."""
        current = next(version for version in versions if version.default)
        non_default = [version for version in versions if version is not current]
        if current.document == default:
            return non_default
        existing = next((version for version in non_default if version.document == default), None)
        if existing is not None:
            self.iot.set_default_policy_version(policyName=self.name, policyVersionId=existing.id)
            return [version for version in versions if version is not existing]
        if len(versions) >= MAX_VERSIONS:
            still_wanted = list((Counter(others) - Counter([current.document])).elements())
            victim = (_surplus(non_default, still_wanted) or non_default)[0]
            self._delete(victim)
            non_default.remove(victim)
        self._create(default, default=True)
        return [current, *non_default]

    def _create(self, document: str, *, default: bool) -> None:
        self.iot.create_policy_version(
            policyName=self.name, policyDocument=self.texts[document], setAsDefault=default
        )

    def _delete(self, version: PolicyVersion) -> None:
        self.iot.delete_policy_version(policyName=self.name, policyVersionId=version.id)


def _surplus(versions: Sequence[PolicyVersion], wanted: Sequence[str]) -> list[PolicyVersion]:
    """Return the versions whose documents are not wanted, or not as often."""
    left = Counter(wanted)
    surplus: list[PolicyVersion] = []
    for version in versions:
        if left[version.document] > 0:
            left[version.document] -= 1
        else:
            surplus.append(version)
    return surplus
