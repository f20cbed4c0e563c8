"""Expressions of Terraform's language with any spaces in them."""

from hypothesis import strategies as st

_SPACES = st.sampled_from(("", " ", "  ", "\n "))
_ATOMS = st.sampled_from(
    (
        *(
            "a",
            "a.b",
            "local.x_y-z",
            "data.a.b.c",
            "a[0]",
            'a["k"].b',
            "a[*].b",
            "a.*.b",
            "1",
            "0.5",
        ),
        *("-1", "!a", "-a.b", "null", "true", '"s"', '"a ${b} c"', '"${ -b }"', '"${ {a:1} }"'),
        *("{}", "[]", "f()", "p::q::f(a)", "(a)", '"\\"${"x"}\\""'),
    )
)
_NAMES = st.sampled_from(("a", "b-c", '"d"', '"e f"', "(g)", '"${h}"', "a_rather_long_name"))
_OPERATORS = st.sampled_from(("+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||"))


def expressions() -> st.SearchStrategy[str]:
    """Return expressions that Terraform can parse; what is named in them is nowhere."""
    return st.recursive(_ATOMS, _larger, max_leaves=12)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=1, max_size=4)
    entries = st.lists(st.tuples(_NAMES, st.sampled_from("=:"), inner).map(" ".join), max_size=4)
    return st.one_of(
        st.tuples(inner, _OPERATORS, inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(inner, inner, inner).map(lambda each: f"({each[0]}?{each[1]}:{each[2]})"),
        st.tuples(several, _SPACES).map(lambda each: f"f({each[1]}{','.join(each[0])}{each[1]})"),
        st.tuples(several, _SPACES).map(lambda each: f"[{each[1]}{f',{each[1]}'.join(each[0])}]"),
        several.map(lambda each: f"f({', '.join(each)}...)"),
        st.tuples(entries, st.sampled_from(",\n")).map(lambda each: f"{{{each[1].join(each[0])}}}"),
        st.tuples(inner, inner).map(lambda each: f"[for k,v in {each[0]}:{each[1]} if v!=-1]"),
        st.tuples(inner, inner).map(lambda each: f"{{for v in {each[0]}:v=>{each[1]}...}}"),
        inner.map(lambda each: f'"x${{ {each} }}y"'),
    )
