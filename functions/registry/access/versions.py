"""The versions of a policy: at most five, and one of them is in force."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.registry.access.region import Client

MOST = 5
"""The most versions of a policy that AWS keeps."""


@dataclass(frozen=True)
class Version:
    """A version with its document in the form of all regions, and the date on which it was made."""

    id: str
    document: str
    default: bool
    created: object = None


@dataclass(frozen=True)
class Change:
    """Changes the versions of policy `name`; `texts` are the documents in the form of here."""

    iot: Client
    name: str
    texts: Mapping[str, str]

    def bring(self, versions: Sequence[Version], default: str, others: Sequence[str]) -> None:
        """Bring default and other documents there with the fewest calls.

        Nothing but the default that was and the one that shall be is in force on the way: where
        all five versions are taken, that costs a deletion and a creation more.
        """
        rest = self._put_in_force(list(versions), default, others)
        surplus = _surplus(rest, others)
        for version in surplus:
            self._delete(version)
        kept = [version.document for version in rest if version not in surplus]
        for document in (Counter(others) - Counter(kept)).elements():
            self._create(document, default=False)

    def _put_in_force(
        self, versions: list[Version], default: str, others: Sequence[str]
    ) -> list[Version]:
        """Put a document in force and give the versions that are not."""
        held = next(version for version in versions if version.default)
        rest = [version for version in versions if version is not held]
        if held.document == default:
            return rest
        equal = next((version for version in rest if version.document == default), None)
        if equal is not None:
            self.iot.set_default_policy_version(policyName=self.name, policyVersionId=equal.id)
            return [version for version in versions if version is not equal]
        if len(versions) >= MOST:
            still_wanted = list((Counter(others) - Counter([held.document])).elements())
            victim = (_surplus(rest, still_wanted) or rest)[0]
            self._delete(victim)
            rest.remove(victim)
        self._create(default, default=True)
        return [held, *rest]

    def _create(self, document: str, *, default: bool) -> None:
        self.iot.create_policy_version(
            policyName=self.name, policyDocument=self.texts[document], setAsDefault=default
        )

    def _delete(self, version: Version) -> None:
        self.iot.delete_policy_version(policyName=self.name, policyVersionId=version.id)


def _surplus(versions: Sequence[Version], wanted: Sequence[str]) -> list[Version]:
    """Give the versions whose documents are not wanted, or not that often."""
    left = Counter(wanted)
    surplus: list[Version] = []
    for version in versions:
        if left[version.document] > 0:
            left[version.document] -= 1
        else:
            surplus.append(version)
    return surplus
