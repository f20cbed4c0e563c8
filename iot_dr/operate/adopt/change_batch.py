"""Change batches of Route 53 and their inverses, in files that the AWS CLI accepts too."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from iot_dr.common.plain_text import plain
from iot_dr.common.regular_file import content_of
from iot_dr.common.user_error import UserError
from iot_dr.common.whole_file import whole_file
from iot_dr.observe.switch.record_sets import RecordSet, are_equal
from iot_dr.terraform_json.strict_json import parsed

# docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeBatch.html (Comment): 256 characters.
_LONGEST_COMMENT: Final = 256


class BatchFileError(UserError):
    """A file does not contain a change batch."""


@dataclass(frozen=True)
class ChangeBatch:
    """Record sets to delete and to create in one request.

    Route 53 makes all changes of a batch or none:
    docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html.
    """

    comment: str
    deleted: tuple[RecordSet, ...]
    created: tuple[RecordSet, ...]

    def inverse(self, comment: str) -> "ChangeBatch":
        """Return the batch that restores what this one replaces."""
        return ChangeBatch(comment, self.created, self.deleted)

    def is_same(self, other: "ChangeBatch") -> bool:
        """Whether another batch has equal records."""
        return are_equal(self.deleted, other.deleted) and are_equal(self.created, other.created)

    @property
    def content(self) -> dict[str, Any]:
        """The argument `ChangeBatch` of the API."""
        changes = [*_changes("DELETE", self.deleted), *_changes("CREATE", self.created)]
        return {"Comment": self.comment[:_LONGEST_COMMENT], "Changes": changes}

    def write(self, path: Path) -> None:
        """Write the batch, whole or not at all; raises OSError."""
        with whole_file(path) as file:
            file.write(f"{json.dumps(self.content, indent=2)}\n".encode())

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a batch; raises BatchFileError."""
        name = plain(str(path))
        try:
            document = parsed(content_of(path))
            changes = [
                (each["Action"], dict(each["ResourceRecordSet"])) for each in document["Changes"]
            ]
            records = {action: _of(action, changes) for action in ("DELETE", "CREATE")}
            if len(changes) != sum(map(len, records.values())):
                raise ValueError("an action other than DELETE and CREATE")
            return cls(str(document.get("Comment", "")), records["DELETE"], records["CREATE"])
        except OSError as error:
            raise BatchFileError(f"{name}: cannot be read: {error.strerror}") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            message = f"{name}: is not a change batch of iot-dr adopt: {plain(str(error))}"
            raise BatchFileError(message) from error


def _changes(action: str, records: Iterable[RecordSet]) -> list[dict[str, Any]]:
    return [{"Action": action, "ResourceRecordSet": dict(each)} for each in records]


def _of(action: str, changes: Iterable[tuple[str, RecordSet]]) -> tuple[RecordSet, ...]:
    return tuple(record for each, record in changes if each == action)
