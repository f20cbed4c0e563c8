import itertools
import re

import pytest
from hypothesis import strategies as st

from iot_dr.emit.variables.pattern import conditions
from tests.iot_dr.emit.variables.collected import collected
from tests.iot_dr.emit.variables.judge import Judge, Question
from tests.support.examples import examples

HAND_PICKED = (
    "",
    "a||b",
    r"\$b",
    r"[-a]{2}|(a)|(?:b){1,2}",
    r"[a-b-]\[\]\{\}",
    r"(?!a)[ab]+",
    r"(?!a|b$)(?!ab)[ab]*",
    r"(?:[ab]+-)+(?!a+$)[ab]+",
    r"a-(?!b$|$)[ab]*",
    r"a?-(?!a$)[ab]*\.(?!b$)[ab]*",
    r'["\\]+',
    r"\\|\"|'",
    "ab*(?!-$)-*",
    "b*a(?!-$)-*",
    "[${]{2}a[}]",
    "[%{]{2}a[}]|[%${]{3}a[}]",
    "[$${]{2,3}a[}]|[%%{]b",
    "[$$${]{2,3}|[%%%{]b",
)
TEXTS = [
    *map("".join, itertools.chain(*(itertools.product("ab-", repeat=n) for n in range(5)))),
    *("-.", "-.b", "a-.b", "a-.a", "-a.", "ab-ab.b", "a-a.ab", "b-a-b", "b-b-a", "b-a-aa"),
    *(
        "$b",
        '"',
        "\\",
        '\\"',
        "'",
        "$$",
        "${a}",
        "%{a}",
        "$${a}",
        "%${a}",
        "a-[]{}",
        "b[]{}",
        "$",
        "{",
        "{{",
        "${",
        "%b",
    ),
    *("a\n", "\n", "A", "ab\n", "-\n", "\u00e4", "a\u0301", "\u212a"),
]

_SIGNS = st.sampled_from(["a", "b", "-", r"\-", "[ab]", r"[a\-]", "[b-]"])
_COUNTS = st.sampled_from(["", "", "", "?", "*", "+", "{2}", "{0,1}", "{1,}"])


def _pieces(signs: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def counted(piece: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.tuples(piece, _COUNTS).map("".join)

    def groups(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        branch = st.lists(inner, max_size=2).map("".join)
        branches = st.lists(branch, min_size=1, max_size=2).map("|".join)
        return counted(branches.map("(?:{})".format) | branches.map("({})".format))

    return st.recursive(counted(signs), groups, max_leaves=4)


def _lookaheads(signs: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    end = st.sampled_from(["$", "$", ""])
    branch = st.tuples(st.lists(_pieces(signs), max_size=2).map("".join), end).map("".join)
    return st.lists(branch, min_size=1, max_size=2).map("|".join).map("(?!{})".format)


_WORD = st.sampled_from(["a", "b", "[ab]"])
_ANY = st.lists(_pieces(_SIGNS) | _lookaheads(_SIGNS), max_size=4)
_INSIDE = st.tuples(_pieces(_SIGNS), st.sampled_from("-a"), _lookaheads(_WORD), _pieces(_WORD))
_PATTERNS = _ANY.map("".join) | _INSIDE.map("".join)


def _translated() -> dict[str, list[str]]:
    document: dict[str, list[str]] = {}
    for pattern in (*HAND_PICKED, *collected(_PATTERNS, min(120, examples(40)))):
        try:
            document[pattern] = list(conditions(pattern, "var.text"))
        except ValueError:
            assert "(?!" in pattern
    return document


def test_conditions_of_any_pattern_hold_for_what_python_matches(judge: Judge) -> None:
    translated = _translated()
    assert set(translated) > set(HAND_PICKED)
    verdicts = judge.verdicts(
        {
            f"pattern{number}": Question(
                types={"text": "string"},
                conditions=translated[pattern],
                cases=[{"text": text} for text in TEXTS],
            )
            for number, pattern in enumerate(translated)
        }
    )
    other = [
        (pattern, text)
        for pattern, taken in zip(translated, verdicts.values(), strict=True)
        for text, is_taken in zip(TEXTS, taken, strict=True)
        if is_taken is not bool(re.fullmatch(pattern, text))
    ]
    assert other == []


@pytest.mark.parametrize(
    ("pattern", "because"),
    [
        (".", "'.'"),
        (r"a\d", r"'\\d'"),
        (r"\S(.*\S)?", r"'\\S(.*\\S)?'"),
        ("[^a]", "'[^a]'"),
        ("[[:alpha:]]", "'[[:alpha:]]'"),
        ("[a-\u00e4]", "'[a-\u00e4]'"),
        ("\u00e4", "'\u00e4'"),
        ("a\n", r"'\n'"),
        ("^a", "'^a'"),
        ("a$", "'$'"),
        (r"a\Z", r"'\\Z'"),
        ("(?i)a", "'(?i)a'"),
        ("(?P<a>b)", "'(?P<a>b)'"),
        ("(?=a)a", "'(?=a)a'"),
        ("(?<!b)a", "'(?<!b)a'"),
        (r"(a)\1", r"'\\1'"),
        ("a*?", "'?'"),
        ("a*+", "'+'"),
        ("(?>a)", "'(?>a)'"),
        ("a{,2}", "'{,2}'"),
        ("a{1001}", "'{1001}'"),
        ("(?:a{40}){26}", "'{26}'"),
        ("(a", "its end"),
        ("a)", "')'"),
        ("[a", "'[a'"),
        ("(?!a", "its end"),
        ("(?:(?!a)b)", "'(?!a)b)'"),
        ("(?!a)b|c", "'|c'"),
        ("b|(?!a)c", "'(?!a)c'"),
        ("(?!(?!a)b)c", "'(?!a)b)c'"),
        ("(?!a$b)a", "'b)a'"),
        ("(?!a)*b", "'*b'"),
        ("a(?!b)a*", "'(?!b)'"),
        ("a*(?!b$)b", "'(?!b$)'"),
        ("a(?!a$)b", "'(?!a$)'"),
        ("a(?!b$)a*", "'(?!b$)'"),
        ("a(?!b$|c)b*", "'(?!b$|c)'"),
        ("a?(?!b$)b", "'(?!b$)'"),
        ("a{0,1}(?!b$)b", "'(?!b$)'"),
        ("(?:a|)(?!b$)b", "'(?!b$)'"),
        ("(?:|a)(?!b$)b", "'(?!b$)'"),
        ("(?:a|-)(?!a$)a?", "'(?!a$)'"),
        ("ab?(?!a$)a", "'(?!a$)'"),
    ],
)
def test_a_pattern_that_terraform_cannot_have_is_refused(pattern: str, because: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"because of {because}")) as refused:
        list(conditions(pattern, "var.text"))
    assert repr(pattern) in str(refused.value)
