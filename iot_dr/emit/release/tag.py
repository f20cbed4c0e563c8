"""The tag of this repository that stands for a version of the modules."""

from typing import Final

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.emit.changelog import current_version, releases
from iot_dr.emit.contract.version import Version

PREFIX: Final = "modules-v"
"""What the tag begins with: this repository has other things to tag than modules."""


class ReleaseError(UserError):
    """The version cannot be handed out."""


def tagged_version(tag: str) -> Version:
    """Give the version that a tag is to hand out, which is the changelog's newest.

    Raises ReleaseError for any other tag.
    """
    version = current_version(releases())
    if tag != f"{PREFIX}{version}":
        message = (
            f"{plain(tag)}: the newest version in iot_dr/emit/changelog.yaml is {version}, and its"
            f" tag {PREFIX}{version}; delete this tag, and set that one, or enter the version there"
            " first"
        )
        raise ReleaseError(message)
    return version
