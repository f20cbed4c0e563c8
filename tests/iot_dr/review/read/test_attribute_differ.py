"""The differences of values."""

import json
import time
from typing import Any

import pytest

from iot_dr.review.read.attribute_diff import AttributeDiff
from iot_dr.review.read.attribute_differ import AttributeDiffer
from iot_dr.review.read.secrets import Secrets
from iot_dr.review.read.side import Side

Shown = list[tuple[str, str, str]]


def diffs(  # noqa: PLR0913 - each is a part of a plan's change
    before: Any,
    after: Any,
    *,
    unknown: Any = None,
    masks: tuple[Any, Any] = (None, None),
    forced: tuple[tuple[Any, ...], ...] = (),
    secrets: Secrets | None = None,
) -> tuple[AttributeDiff, ...]:
    reading = AttributeDiffer(secrets=secrets or Secrets(), replace_paths=forced)
    return reading.diffs(Side.of(before, masks[0]), Side.of(after, masks[1], unknown))


def shown(*given: Any, **more: Any) -> Shown:
    return [(each.path, each.before.text, each.after.text) for each in diffs(*given, **more)]


LATER = "(known after apply)"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, [("b", "2", "3")]),
        ({"a": "x"}, {"a": None}, [("a", '"x"', "")]),
        ({"a": None}, {}, []),
        ({"a": True}, {"a": 1}, [("a", "true", "1")]),
        ({"a": 1}, {"a": "1"}, [("a", "1", '"1"')]),
        ({"a": ""}, {"a": None}, [("a", '""', "")]),
        ({"tags": {"Name": "x"}}, {"tags": {"Name": "y"}}, [("tags.Name", '"x"', '"y"')]),
        (
            {"tags": {}},
            {"tags": {"k8s.io/x": "1", 'a"b': "2", "": "3"}},
            [
                ('tags[""]', "", '"3"'),
                ('tags["a\\"b"]', "", '"2"'),
                ('tags["k8s.io/x"]', "", '"1"'),
            ],
        ),
        ({"p": [{"t": "A"}]}, {"p": [{"t": "B"}]}, [("p[0].t", '"A"', '"B"')]),
        ({"p": {"a": 1}}, {"p": [1]}, [("p", '{"a":1}', "[1]")]),
        ({"p": None}, {"p": []}, [("p", "", "[]")]),
        ({"p": []}, {"p": None}, [("p", "[]", "")]),
        ({"p": None}, {"p": {"a": 1, "b": [], "c": None}}, [("p.a", "", "1")]),
        (None, {"a": 1, "b": None, "c": [], "d": {}, "e": ""}, [("a", "", "1"), ("e", "", '""')]),
        ({"a": [{"b": False}], "c": None}, None, [("a[0].b", "false", "")]),
    ],
)  # fmt: skip
def test_a_difference_has_its_path(before: Any, after: Any, expected: Shown) -> None:
    assert shown(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["a", "b", "c"], ["b", "c"], [("l[0]", '"a"', "")]),
        (["b", "c"], ["a", "b", "c"], [("l[0]", "", '"a"')]),
        (["a", "b", "c"], ["a", "x", "c"], [("l[1]", '"b"', '"x"')]),
        (["a", "b"], ["b", "a"], [("l[0]", "", '"b"'), ("l[1]", '"b"', "")]),
        ([{"p": 1, "q": 2}], [{"p": 1, "q": 3}], [("l[0].q", "2", "3")]),
        ([{"p": 1}, {"p": 2}], [{"p": 2}], [("l[0].p", "1", "")]),
        (["a"] * 600, ["a"] * 599 + ["b"], [("l[599]", '"a"', '"b"')]),
        ([None], [], [("l", "[null]", "[]")]),
    ],
)
def test_an_added_or_removed_element_leaves_the_others_unchanged(
    before: Any, after: Any, expected: Shown
) -> None:
    assert shown({"l": before}, {"l": after}) == expected


KNOWN_LATER: list[tuple[Any, Any, Any, Shown]] = [
    ({"a": 1}, {}, {"a": True}, [("a", "1", LATER)]),
    ({"a": 1}, {}, {"a": 1}, [("a", "1", LATER)]),
    (None, {}, {"a": True, "b": {"c": True}}, [("a", "", LATER), ("b.c", "", LATER)]),
    ({"a": [{"b": 1}]}, {"a": [{}]}, {"a": [{"b": True}]}, [("a[0].b", "1", LATER)]),
    ({"a": ["x"]}, {"a": ["x", None]}, {"a": [False, True]}, [("a[1]", "", LATER)]),
    ({"a": {"b": 1}}, {}, {"a": True}, [("a", '{"b":1}', LATER)]),
    ({"a": 1}, {"a": 1}, {"a": False, "b": []}, []),
]


@pytest.mark.parametrize(("before", "after", "unknown", "expected"), KNOWN_LATER)
def test_unknown_values_are_reported(
    before: Any, after: Any, unknown: Any, expected: Shown
) -> None:
    assert shown(before, after, unknown=unknown) == expected


HIDDEN = "(sensitive)"


MASKS: list[tuple[tuple[Any, Any], Shown]] = [
    (({"a": True}, {"a": True}), [("a", HIDDEN, HIDDEN)]),
    (({"a": True}, {}), [("a", HIDDEN, HIDDEN)]),
    (({}, {"a": True}), [("a", HIDDEN, HIDDEN)]),
    (({"a": {"b": True}}, {}), [("a.b", HIDDEN, HIDDEN), ("a.c[0]", '"x"', '"y"')]),
    (({}, {"a": {"c": [True]}}), [("a.b", "1", "2"), ("a.c[0]", HIDDEN, HIDDEN)]),
    (({"a": [True]}, {}), [("a", HIDDEN, HIDDEN)]),
    (({"a": {"c": [True, True]}}, {}), [("a.b", "1", "2"), ("a.c", HIDDEN, HIDDEN)]),
    ((True, True), [("(all)", HIDDEN, HIDDEN)]),
    (({"z": True}, {"z": True}), [("a.b", "1", "2"), ("a.c[0]", '"x"', '"y"')]),
]


@pytest.mark.parametrize(("masks", "expected"), MASKS)
def test_a_mask_on_either_side_hides_both(masks: tuple[Any, Any], expected: Shown) -> None:
    before, after = {"a": {"b": 1, "c": ["x"]}}, {"a": {"b": 2, "c": ["y"]}}
    assert shown(before, after, masks=masks) == expected


def test_a_value_that_becomes_sensitive_is_a_difference() -> None:
    assert shown({"a": 1}, {"a": 1}, masks=({}, {"a": True})) == [("a", HIDDEN, HIDDEN)]
    assert shown({"a": 1}, {"a": 1}, masks=({"a": True}, {"a": True})) == []
    assert shown({"a": 1}, {"a": 1}, masks=({"a": True}, {"a": 1})) == []


def test_masks_of_a_list_apply_by_index() -> None:
    diff = shown({"l": ["s", "b"]}, {"l": ["a", "s"]}, masks=({"l": [True, False]}, None))
    assert diff == [("l[0]", HIDDEN, HIDDEN), ("l[1]", '"b"', '"s"')]


@pytest.mark.parametrize(
    ("forced", "expected"),
    [
        ((("a",),), {"a.b": True, "l[0]": False}),
        ((("a", "b", "c"),), {"a.b": True, "l[0]": False}),
        ((("l", 0), ("x",)), {"a.b": False, "l[0]": True}),
        ((), {"a.b": False, "l[0]": False}),
    ],
)
def test_a_forcing_path_is_marked_above_and_below(forced: Any, expected: dict[str, bool]) -> None:
    diff = diffs({"a": {"b": 1}, "l": [1]}, {"a": {"b": 2}, "l": [2]}, forced=forced)
    assert {each.path: each.forces for each in diff} == expected


def policy(effect: str, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, **more}]})


def test_json_documents_differ_by_lines_with_sorted_keys() -> None:
    (diff,) = diffs({"p": policy("Allow", Sid="x")}, {"p": policy("Deny", Sid="x")})
    assert diff.lines == (
        "@@ -1,7 +1,7 @@",
        " {",
        '   "Statement": [',
        "     {",
        '-      "Effect": "Allow",',
        '+      "Effect": "Deny",',
        '       "Sid": "x"',
        "     }",
        "   ],",
    )
    assert diff.before.text.endswith('…"')
    assert len(diff.before.text) < 70


def test_equal_json_with_another_spelling_differs_as_text() -> None:
    text = policy("Allow")
    (diff,) = diffs({"p": text}, {"p": json.dumps(json.loads(text), indent=1)})
    assert diff.lines[1] == f"-{text}"


def test_json_with_duplicate_keys_is_not_reformatted() -> None:
    # The numbers are longer in the second document, by as much as is lost elsewhere.
    twice = '{"Effect":"Deny","Effect":"Allow","a":[1e5,1e5,1e5,1E0]}'
    once = '{"Effect":"Allow","a":[100000.0,100000.0,100000.0,1.0]}'
    (diff,) = diffs({"p": once}, {"p": twice})
    assert '+  "Effect": "Deny",' in diff.lines


def test_a_long_text_differs_by_lines() -> None:
    before = "".join(f"line {number}\n" for number in range(50))
    (diff,) = diffs({"u": before}, {"u": before.replace("line 25", "other")})
    assert diff.lines == (
        "@@ -23,7 +23,7 @@",
        " line 22",
        " line 23",
        " line 24",
        "-line 25",
        "+other",
        " line 26",
        " line 27",
        " line 28",
    )


def test_a_new_long_text_has_only_added_lines() -> None:
    (diff,) = diffs(None, {"u": "a\nb", "v": None})
    assert diff.lines == ("+a", "+b")
    (removed,) = diffs({"p": '{"a": 1}'}, None)
    assert removed.lines == ("-{", '-  "a": 1', "-}")


def test_a_very_large_text_is_compared_in_time() -> None:
    before = [f"{number % 7}" for number in range(40_000)]
    after = ["same", *(f"{number % 5}" for number in range(40_000)), "end"]
    (diff,) = diffs({"u": "\n".join(["same", *before, "end"])}, {"u": "\n".join(after)})
    assert diff.lines[0].startswith("@@ -")
    assert len(diff.lines) > 60_000


REPEATED: list[tuple[Any, Any]] = [
    (["a"] * 500, ["a", "b"] * 250),
    ("\n".join(["b"] * 5000), "\n".join(["a", *(["b", "c"] * 98)])),
    (["a", "b", "b"] * 160, ["b", "a", "b"] * 160),
]


@pytest.mark.parametrize(("before", "after"), REPEATED, ids=["list", "text", "both"])
def test_repetitive_values_are_compared_in_time(before: Any, after: Any) -> None:
    start = time.process_time()
    assert diffs({"l": before}, {"l": after})
    assert time.process_time() - start < 1


def test_frequent_lines_stay_with_their_neighbours() -> None:
    before = [line for number in range(200) for line in ("{", f"  {number}", "}", "")]
    after = [line for line in before if line != "  100"]
    after[8:8] = ["{", "  new", "}", ""]
    (diff,) = diffs({"u": "\n".join(before)}, {"u": "\n".join(after)})
    changed = sorted(line for line in diff.lines if line[0] in "+-")
    assert changed == ["+", "+  new", "+{", "+}", "-  100"]


def test_a_known_secret_is_hidden_without_a_mask() -> None:
    secrets = Secrets()
    secrets.add(["hunter22", 1234567, 'quo"ted\n'])
    after = {
        "a": "hunter22",
        "b": "x hunter22 y",
        "c": json.dumps({"k": 'quo"ted\n'}),
        "d": 1234567,
        "e": {"hunter22": 1},
        "f": "hunter2",
        "g": json.dumps({"k": json.dumps({"i": "hunter22"})}),
    }
    diff = {each.path: each.after.text for each in diffs(None, after, secrets=secrets)}
    assert diff == {
        "a": HIDDEN,
        "b": HIDDEN,
        "c": HIDDEN,
        "d": HIDDEN,
        "e.(sensitive)": "1",
        "f": '"hunter2"',
        "g": HIDDEN,
    }
