"""The part of the schema that some synthesized stacks need.

Terraform decodes and checks every type that a provider has, about 2,200 for AWS, in each of its
processes: a quarter of a second and 100 MB, where stacks use some 30 of them.
"""

import json
from pathlib import Path
from typing import Final

from iot_dr.terraform.standin.encoding import RESPONSE_FIELD
from iot_dr.terraform.standin.wire import delimited, fields, parse
from iot_dr.terraform.workspace import STACK_FILE

_KIND: Final = {number: kind for kind, number in RESPONSE_FIELD.items()}


def narrowed(response: bytes, folder: Path) -> bytes:
    """Return a response to `GetSchema` with no other types than the stacks below `folder` use.

    The whole response if they use a type that it lacks, for Terraform suggests names that are
    alike, or a module, whose types are not in the stack's file, or if a file is no JSON.
    """
    try:
        documents = [json.loads(file.read_bytes()) for file in folder.rglob(STACK_FILE)]
    except ValueError:
        return response
    used = {
        (kind, name)
        for document in documents
        for kind in _KIND.values()
        for name in document.get(kind, {})
        if name.startswith("aws_")
    }
    kept: list[bytes] = []
    for number, value in fields(response):
        assert isinstance(value, bytes)  # noqa: S101 - a response has fields of no other kind
        if number in _KIND:
            name = parse(value)[1]
            assert isinstance(name, bytes)  # noqa: S101 - as above
            described = _KIND[number], name.decode()
            if described not in used:
                continue
            used.remove(described)
        kept.append(delimited(number, value))
    is_whole = used or any("module" in document for document in documents)
    return response if is_whole else b"".join(kept)
