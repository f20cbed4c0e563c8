"""Values of Terraform's JSON, whose strings are templates that Terraform takes."""

import json
import unicodedata
from typing import Any

from hypothesis import strategies as st

from modules.template import escaped

SHARED = """
locals {
  text   = "a text, (with) {signs}"
  number = 5
  flag   = true
  list   = ["one", "two"]
  object = { name = "n", "other name" = "o" }
}
"""
"""What the expressions refer to."""

TEXTS = (
    "${local.text}",
    "${local.number}",
    "${local.flag}",
    "${ local.list [0] }",
    '${join("-",local.list)}',
    "${-local.number+1}",
    "${local.number>1&&!local.flag||local.flag?1:-2}",
    "${tostring(local.number)}",
    '${"a${local.number}b"}',
)
"""Expressions whose value can stand in a string, and in a string of JSON."""

_OTHERS = (
    '${join("\\",\\"",local.list)}',
    '${local.object["other name"]}',
    '${[for x in local.list:"${x}!" if x!="two"][0]}',
    '${{for k,v in local.object:k=>v}["name"]}',
    '${jsonencode({a=[1,{"b c":2},-3],for_=true})}',
    "${\n  local.text\n}",
    "${ /* why } */ local.text # x }\n }",
    '${{"a":1,b=2\n c=3}.a}',
    "${local.list.1}",
    '${try(local.object.missing,"\\u00e9\\n\\"}")}',
    '${"$${x} %%{y} \\\\"}',
    '${length(join("",[format("%s-%s-%s-%s",local.text,local.text,local.text,local.text),"%"]))}',
)

_WHOLE = (
    "${local.list}",
    "${local.object}",
    "${local.list[*]}",
    '${merge(local.object,{name="long",other={list=["x",1]},"b-c":[for x in local.list:{a=x}]})}',
    '${[for x in concat(local.list,["three","four","five","six"]):upper("${x}-${local.number}")]}',
)
"""Expressions that are a whole value."""

# Behind a carriage return without a line feed Terraform sees no expression in JSON.
_LETTERS = st.one_of(
    st.sampled_from('$%{}~"\\\n\t /#'),
    st.characters(exclude_categories=["Cs"], exclude_characters="\r"),
)

_PLAIN = st.lists(_LETTERS, max_size=8).map(
    lambda letters: unicodedata.normalize("NFC", "".join(letters))
)
# Others may take two columns, or none, in which fmt aligns what follows.
_KEYS = st.text(st.characters(codec="ascii", exclude_characters="\r"), max_size=8)
# At the end, a sign that could begin an expression would escape the one that follows.
_LITERALS = _PLAIN.map(lambda text: escaped(text.rstrip("$%")))
_NUMBERS = st.one_of(
    st.integers(-(10**25), 10**25), st.floats(allow_nan=False, allow_infinity=False)
)
_CONSTANTS = st.one_of(st.none(), st.booleans(), _NUMBERS)


def templates() -> st.SearchStrategy[str]:
    """Return strings that are templates."""
    pairs = st.tuples(_LITERALS, st.sampled_from((*TEXTS, *_OTHERS, ""))).map("".join)
    return st.one_of(_joined(pairs), st.sampled_from(_WHOLE))


def _joined(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Put texts behind each other, with something between that no two of them could make."""
    return st.lists(texts, max_size=3).map("-".join)


def values() -> st.SearchStrategy[Any]:
    """Return values of which some strings are templates, and some JSON."""
    leaves = st.one_of(_CONSTANTS, templates(), json_texts())
    keys = st.one_of(
        _KEYS.map(escaped), st.sampled_from(("for", "null", "a-b", "key ${local.number}"))
    )
    return _nested(leaves, keys)


def json_texts() -> st.SearchStrategy[str]:
    """Return templates that are an object or a list in JSON, with expressions in strings."""
    encoded = _LITERALS.map(lambda text: json.dumps(text)[1:-1])
    raw = _LITERALS.map(lambda text: json.dumps(text, ensure_ascii=False)[1:-1])
    pieces = st.tuples(st.one_of(encoded, raw), st.sampled_from((*TEXTS, ""))).map("".join)
    strings = _joined(pieces).map(lambda text: f'"{text}"')
    leaves = st.one_of(_CONSTANTS.map(json.dumps), strings)
    texts = st.recursive(leaves, lambda inner: st.one_of(_lists(inner), _objects(inner, raw)))
    return texts.filter(lambda text: text.startswith(("{", "[")))


def plain_values() -> st.SearchStrategy[Any]:
    """Return values of any strings, as a default of a variable may be."""
    return _nested(st.one_of(_CONSTANTS, _PLAIN, templates()), _KEYS)


def _nested(leaves: st.SearchStrategy[Any], keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)
        ),
        max_leaves=12,
    )


def _lists(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(texts, max_size=3).map(lambda each: f"[{', '.join(each)}]")


def _objects(texts: st.SearchStrategy[str], keys: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    members = st.dictionaries(keys, texts, max_size=3)
    return members.map(
        lambda each: "{" + ", ".join(f'"{key}": {text}' for key, text in each.items()) + "}"
    )
