"""The JSON document of a review."""

import json
from hashlib import sha256
from io import BytesIO
from typing import Any, cast

from hypothesis import given

from iot_dr.review.render.json_document import fingerprint, render, write
from iot_dr.terraform_json.change import Action
from tests.iot_dr.review.render.largest_write import LargestWrite
from tests.iot_dr.review.render.reviews import Reads, review, stack
from tests.support.hostile_text import hostile
from tests.support.sample_review import sample_review


def forms(value: Any) -> Any:
    """Return a document with the type of each value in its place."""
    match value:
        case dict():
            return {key: forms(each) for key, each in cast("dict[str, Any]", value).items()}
        case list():
            return [forms(each) for each in cast("list[Any]", value)]
        case _:
            return type(value).__name__


CALM = json.loads(render(sample_review()))


def test_the_document_begins_with_format_and_verdict() -> None:
    assert CALM["format"] == 1
    assert CALM["verdict"] == "block"
    assert list(CALM)[-1] == "stacks"


def test_a_change_is_found_with_its_action_and_its_differences() -> None:
    (change, _) = CALM["stacks"][0]["changes"]
    assert (change["address"], change["action"]) == ("aws_route53_zone.zone", "replace")
    assert change["forced_by"] == ["name"]
    assert change["diffs"][0] == {
        "path": "name",
        "before": {"kind": "value", "text": '"iot-dev.example.com"'},
        "after": {"kind": "value", "text": '"iot-dev.example.org"'},
        "forces": True,
        "lines": [],
    }
    assert change["diffs"][2]["after"] == {"kind": "sensitive", "text": ""}


def test_the_fingerprint_is_the_hash_of_the_document() -> None:
    file = BytesIO()
    digest = write(sample_review(), file)
    assert file.getvalue().decode() == render(sample_review())
    assert digest == fingerprint(sample_review()) == sha256(file.getvalue()).hexdigest()


def test_another_value_is_another_fingerprint() -> None:
    reads = Reads()
    one, two = (
        review(stack("s", (reads.change("s", 0, Action.UPDATE, value),)))
        for value in ('"x"', '"y"')
    )
    assert fingerprint(one) != fingerprint(two)


def test_each_change_has_its_own_line() -> None:
    lines = [line.strip().rstrip(",]}") for line in render(sample_review()).splitlines()]
    assert sum(line.startswith('{"stack"') for line in lines) == 8


def test_a_document_is_written_in_chunks() -> None:
    reads = Reads()
    changes = tuple(reads.change("s", at, Action.CREATE, '"x"') for at in range(1_000))
    file = LargestWrite()
    write(review(stack("s", changes)), file)
    assert 0 < file.largest < 2_000


@given(hostile)
def test_every_string_is_escaped_and_decodes_to_itself(text: str) -> None:
    document = render(sample_review(lambda calm: f"{calm}{text}"))
    read = json.loads(document)
    assert forms(read) == forms(CALM)
    assert json.dumps(read["reason"]) == json.dumps(f"{CALM['reason']}{text}")
    assert document.replace("\n", "").isprintable()
    assert document.isascii()
