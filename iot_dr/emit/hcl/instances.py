"""The blocks that a member of Terraform's JSON stands for."""

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from iot_dr.emit.hcl.place import at
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence

Body: TypeAlias = Mapping[str, Json]

COMMENT: Final = "//"
"""The name of what Terraform does not read in a block: cdktf's metadata."""


def instances(value: Json, labels: int) -> Iterator[tuple[tuple[str, ...], Body]]:
    """Give the labels and the body of each block that a value describes.

    An object stands for one block, a list for several, null for none; each label is the name in
    an object around them.

    Raises:
        ValueError: when something else stands where an object has to be.
    """
    for each in value if is_sequence(value) else [value] * (value is not None):
        if not is_mapping(each):
            raise ValueError(f"{each!r} stands where the object of a block has to be")
        if not labels:
            yield (), each
            continue
        for label, inner in each.items():
            if label != COMMENT:
                for others, body in instances(inner, labels - 1):
                    yield (label, *others), body


def blocks_of(document: Body, keyword: str, labels: int) -> Iterator[tuple[tuple[str, ...], Body]]:
    """Give `instances` of a keyword at the top of a document, none where it is not there."""
    with at(keyword):
        yield from instances(document.get(keyword), labels)
