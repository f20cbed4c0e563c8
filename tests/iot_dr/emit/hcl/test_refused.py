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
        ({"ephemeral": {}}, "ephemeral", "no such block can be written; use terraform, variable"),
        ({"resource": "x"}, "resource", "'x' stands where the object of a block has to be"),
        (
            {"resource": {"other": {"r": {}}}},
            "resource.other.r",
            "no provider's schema has the type 'other', so its blocks are unknown",
        ),
        (
            rule(provisioner=[{"local-exec": {}}]),
            "resource.some_rule.r",
            "provisioner cannot be written as HCL here; leave it out",
        ),
        (
            rule(connection={}),
            "resource.some_rule.r",
            "connection cannot be written as HCL here; leave it out",
        ),
        ({"terraform": {"cloud": {}}}, "terraform", "cloud cannot be written as HCL here"),
        (
            rule(condition="${var.x}"),
            "resource.some_rule.r: condition",
            "'${var.x}' stands where the object of a block has to be",
        ),
        (
            rule(dynamic={"names": {"for_each": [], "content": {}}}),
            "resource.some_rule.r: dynamic",
            "names: the schema has no such block here",
        ),
        (rule(name="${a"), "resource.some_rule.r: name", "'${a' has a ${ that no expression"),
        (rule(name="${}"), "resource.some_rule.r: name", "'${}' has a ${ that no expression"),
        (rule(name="${a]"), "resource.some_rule.r: name", "'${a]' has a ${ that no expression"),
        (rule(name="${(a]}"), "resource.some_rule.r: name", "'${(a]}' has a ( that is not closed"),
        (rule(name='${"a}'), "resource.some_rule.r: name", "has a string that is not closed"),
        (rule(name="${{a}}"), "resource.some_rule.r: name", "'a' is no entry of an object"),
        (rule(name="${<<A\nb\nA\n}"), "resource.some_rule.r: name", "a heredoc would have to be"),
        (rule(depends_on=["a b}"]), "resource.some_rule.r: depends_on", "'a b}' is no expression"),
        (rule(port=float("nan")), "resource.some_rule.r: port", "nan is no value of JSON"),
        (rule(name="\ud800"), "resource.some_rule.r: name", "is half a character"),
        ({"locals": {"a b": 1}}, "locals", "'a b' cannot be the name of an argument or a block"),
    ],
)
def test_what_cannot_be_written_is_refused_with_its_place(
    document: dict[str, Any], place: str, problem: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)) as refused:
        to_hcl(document, some_blocks)

    assert str(refused.value).startswith(f"{place}: ")
