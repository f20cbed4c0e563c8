"""IoT policies with all their versions."""

import json
import re

from functions.registry.access.dependents import require_no_dependents
from functions.registry.access.errors import PermanentError, RetryableError, if_exists
from functions.registry.access.region import MARKERS, Region, page
from functions.registry.access.versions import MAX_VERSIONS, PolicyVersion, VersionUpdate
from functions.registry.access.wanted import WantedState
from functions.registry.state import State

MAX_CHARACTERS = 2048
"""The maximum length of a policy document without white space; a fixed quota of AWS IoT.

docs.aws.amazon.com/general/latest/gr/iot-core.html (Maximum policy document size)
"""

_ARN = re.compile(r"(arn:aws[a-z-]*:iot:)([a-z0-9-]+)(?=:)")
_REGION_PLACEHOLDER = re.compile(r"(arn:aws[a-z-]*:iot:)\{region\}(?=:)")


def _canonical_document(document: str, region: str) -> str:
    """Return a document as compact JSON, with `{region}` in place of `region` in its ARNs.

    Text that is not JSON is not compacted. A document with ARNs of other regions keeps all of them:
    with a placeholder next to the name of another region, the copy there would look like a document
    that names only its own region.
    """
    text = _compact(document)
    regions = {arn[2] for arn in _ARN.finditer(text)}
    return _ARN.sub(r"\1{region}", text) if regions == {region} else text


def _rendered_document(document: str, region: str) -> str:
    """Return a canonical document for a region.

    Raises PermanentError if it would have another canonical form there, or if it is too long for
    AWS.
    """
    text = _REGION_PLACEHOLDER.sub(rf"\g<1>{region}", document)
    if _canonical_document(text, region) != document:
        raise PermanentError(f"a document names {region} alone, which would be the own region here")
    size = len(re.sub(r"\s", "", text))
    if size > MAX_CHARACTERS:
        raise PermanentError(
            f"a document has {size} characters here, and AWS allows {MAX_CHARACTERS}"
        )
    return text


def _compact(document: str) -> str:
    try:
        return json.dumps(
            json.loads(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
    except (ValueError, RecursionError):
        return document


class Policies:
    """Reads and writes IoT policies."""

    def __init__(self, region: Region) -> None:
        self._iot = region.iot
        self._region = region.name

    def page(self, cursor: str | None) -> tuple[list[str], str | None]:
        """Return the names on one page of the list, and the cursor of the next page."""
        policies, cursor = page(self._iot.list_policies, "policies", MARKERS, cursor)
        return [policy["policyName"] for policy in policies], cursor

    def describe(self, name: str) -> list[PolicyVersion] | None:
        """Return the versions of a policy, None if it does not exist.

        Raises RetryableError if the default version was deleted while the versions were read.
        """
        answer = if_exists(self._iot.list_policy_versions, policyName=name)
        if answer is None:
            return None
        versions: list[PolicyVersion] = []
        for listed in answer["policyVersions"]:
            version = if_exists(
                self._iot.get_policy_version, policyName=name, policyVersionId=listed["versionId"]
            )
            if version is not None:
                document = _canonical_document(version["policyDocument"], self._region)
                is_default, created = listed["isDefaultVersion"], listed.get("createDate")
                versions.append(PolicyVersion(listed["versionId"], document, is_default, created))
        if not any(each.default for each in versions):
            raise RetryableError("its versions are just being changed")
        return versions

    def state(self, _name: str, current: list[PolicyVersion]) -> State:
        """Return the replicated state of a policy: the documents, without version ids and dates."""
        return {
            "default": next(each.document for each in current if each.default),
            "others": sorted(each.document for each in current if not each.default),
        }

    def write(self, name: str, current: list[PolicyVersion] | None, wanted: WantedState) -> None:
        """Create or update a policy.

        Raises PermanentError if a quota of AWS is exceeded, or if a document cannot be rendered
        here.
        """
        default, others = wanted.text("default"), wanted.texts("others")
        if len(others) >= MAX_VERSIONS:
            raise PermanentError(
                f"it has {len(others) + 1} versions, and AWS allows {MAX_VERSIONS}"
            )
        # Every document is checked before anything is written, so that a bad one changes nothing.
        text = {each: _rendered_document(each, self._region) for each in (default, *others)}
        if current is None:
            self._iot.create_policy(policyName=name, policyDocument=text[default])
            current = [PolicyVersion("", default, default=True)]
        VersionUpdate(self._iot, name, text).apply(current, default, others)

    def delete(self, name: str, current: list[PolicyVersion]) -> None:
        """Delete a policy and its versions; raises RetryableError while it has targets.

        The non-default versions have to go first:
        docs.aws.amazon.com/iot/latest/apireference/API_DeletePolicy.html
        """
        require_no_dependents(
            self._iot.list_targets_for_policy,
            "targets",
            MARKERS,
            "still attached to",
            policyName=name,
        )
        for version in current:
            if not version.default:
                self._iot.delete_policy_version(policyName=name, policyVersionId=version.id)
        self._iot.delete_policy(policyName=name)
