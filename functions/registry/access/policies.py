"""Policies with all their versions."""

from functions.registry.access.dependents import refuse_while_needed
from functions.registry.access.documents import canonical, rendered
from functions.registry.access.errors import Never, NotYet, found
from functions.registry.access.region import MARKERS, Region, page
from functions.registry.access.versions import MOST, Change, Version
from functions.registry.access.wanted import Wanted
from functions.registry.state import State


class Policies:
    """Reads and writes policies."""

    def __init__(self, region: Region) -> None:
        self._iot = region.iot
        self._region = region.name

    def page(self, cursor: str | None) -> tuple[list[str], str | None]:
        """Give the names of a page, and the cursor of the next one."""
        policies, cursor = page(self._iot.list_policies, "policies", MARKERS, cursor)
        return [each["policyName"] for each in policies], cursor

    def held(self, name: str) -> list[Version] | None:
        """Give the versions of a policy; raises NotYet while they are being changed."""
        answer = found(self._iot.list_policy_versions, policyName=name)
        if answer is None:
            return None
        versions: list[Version] = []
        for each in answer["policyVersions"]:
            version = found(
                self._iot.get_policy_version, policyName=name, policyVersionId=each["versionId"]
            )
            if version is not None:
                document = canonical(version["policyDocument"], self._region)
                is_default, created = each["isDefaultVersion"], each.get("createDate")
                versions.append(Version(each["versionId"], document, is_default, created))
        if not any(each.default for each in versions):
            raise NotYet("its versions are just being changed")
        return versions

    def state(self, _name: str, held: list[Version]) -> State:
        """Give the state of a policy."""
        return {
            "default": next(each.document for each in held if each.default),
            "others": sorted(each.document for each in held if not each.default),
        }

    def bring(self, name: str, held: list[Version] | None, wanted: Wanted) -> None:
        """Make or change a policy; raises Never for what AWS's limits do not allow."""
        default, others = wanted.text("default"), wanted.texts("others")
        if len(others) >= MOST:
            raise Never(f"it has {len(others) + 1} versions, and AWS allows {MOST}")
        # All are checked before anything is written.
        text = {each: rendered(each, self._region) for each in (default, *others)}
        if held is None:
            self._iot.create_policy(policyName=name, policyDocument=text[default])
            held = [Version("", default, default=True)]
        Change(self._iot, name, text).bring(held, default, others)

    def delete(self, name: str, held: list[Version]) -> None:
        """Delete a policy with its versions; raises NotYet while it is attached to anything."""
        refuse_while_needed(
            self._iot.list_targets_for_policy,
            "targets",
            MARKERS,
            "still attached to",
            policyName=name,
        )
        for version in held:
            if not version.default:
                self._iot.delete_policy_version(policyName=name, policyVersionId=version.id)
        self._iot.delete_policy(policyName=name)
