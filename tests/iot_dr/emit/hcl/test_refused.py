import re
from typing import Any

import pytest

from iot_dr.emit.hcl.document import to_hcl
from tests.iot_dr.emit.hcl.some_blocks import some_blocks


def rule(**body: Any) -> dict[str, Any]:
    return {"resource": {"some_rule": {"r": body}}}


@pytest.mark.parametrize(
    ("document", "place", "problem"),
    [
        ({"ephemeral": {}}, "ephemeral", "unsupported block; expected one of terraform, variable"),
        ({"resource": "x"}, "resource", "must be the object of a block, not 'x'"),
        (
            {"resource": {"other": {"r": {}}}},
            "resource.other.r",
            "the type 'other' is in no provider's schema",
        ),
        (
            rule(provisioner=[{"local-exec": {}}]),
            "resource.some_rule.r",
            "provisioner is not supported here; remove it",
        ),
        (
            rule(connection={}),
            "resource.some_rule.r",
            "connection is not supported here; remove it",
        ),
        ({"terraform": {"cloud": {}}}, "terraform", "cloud is not supported here"),
        (
            rule(condition="${var.x}"),
            "resource.some_rule.r: condition",
            "must be the object of a block, not '${var.x}'",
        ),
        (
            rule(dynamic={"names": {"for_each": [], "content": {}}}),
            "resource.some_rule.r: dynamic",
            "names: the schema has no such block here",
        ),
        (rule(name="${a"), "resource.some_rule.r: name", "'${a' has a ${ without an expression"),
        (rule(name="${}"), "resource.some_rule.r: name", "'${}' has a ${ without an expression"),
        (rule(name="${a]"), "resource.some_rule.r: name", "'${a]' has a ${ without an expression"),
        (rule(name="${~ a}"), "resource.some_rule.r: name", "cannot be parsed from '~ a}' on"),
        (
            rule(name="%{ if a }b%{ endif }"),
            "resource.some_rule.r: name",
            "has a directive, which is not supported",
        ),
        (rule(name="${(a]}"), "resource.some_rule.r: name", "'${(a]}' has an unclosed ("),
        (rule(name='${"a}'), "resource.some_rule.r: name", "has an unclosed string"),
        (rule(name="${{a}}"), "resource.some_rule.r: name", "'a': expected an object's entry"),
        (rule(name="${<<A\nb\nA\n}"), "resource.some_rule.r: name", "heredocs are not supported"),
        (
            rule(depends_on=["a b}"]),
            "resource.some_rule.r: depends_on",
            "'a b}' is not an expression",
        ),
        (rule(port=float("nan")), "resource.some_rule.r: port", "nan is not a JSON value"),
        (rule(name="\ud800"), "resource.some_rule.r: name", "is an unpaired surrogate"),
        ({"locals": {"a b": 1}}, "locals", "'a b' is not a valid name of an argument or block"),
    ],
)
def test_what_cannot_be_written_is_refused_with_its_place(
    document: dict[str, Any], place: str, problem: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)) as refused:
        to_hcl(document, some_blocks)

    assert str(refused.value).startswith(f"{place}: ")
