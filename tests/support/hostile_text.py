"""Strings that strangers may put into names, tags, values and errors."""

from typing import Final

from hypothesis import strategies as st

FRAGMENTS: Final = (
    *"`|\\<>&[]()!*_~#$:@\"'-+=.,;/ \n\r\t\x00\x1b\x7f\x85",
    *("``", "```", "~~~", "\\|", "\n\n", "\r\n", "    ", "** ", "__", "~~", "---", "===", "\\`"),
    *("<script>", "</details>", "</summary>", "</code>", "<!--", "-->", "<img src=x>", "]]>"),
    *("@user", "@org/team", "#12", "GH-1", "org/repo#1", "deadbeefcafe", "0123456789", "user@sha"),
    *("https://a.example", "http://a", "www.a.example", "a@b.example", "mailto:a@b.example"),
    *("![x](y)", "[x](y)", "[x]: y", "[^1]", "<http://a>", ":smile:", "$x$", "$$", "[ ] ", "[x] "),
    *("* ", "- ", "+ ", "> ", "# ", "1. ", "2) ", "| --- | --- |", "&lt;", "&#64;user", "a.b"),
    *("[bold]", "[/]", "[link=x]", ":warning:", "\x1b[31m", "\x1b]8;;x\x07", "{{ x }}", "${x}"),
    *("\u202e", "\u2066", "\u200b", "\u200f", "\u2028", "\ufeff", "\u00a0", "\u3164", "\ufe0f"),
    *("\U000e0041", "\U000e0101", "\ud800", "\U0001f308", "\u0645\u0631", "\u0301", "\uff20user"),
    *(
        "word",
        "Needs",
        "300",
        "1,000",
        "-> ",
        "% ",
        "e.g. ",
        "GH",
        "www",
        "# forces the replacement",
    ),
)

hostile: Final = st.lists(
    st.sampled_from(FRAGMENTS) | st.text(max_size=4), min_size=1, max_size=12
).map("".join)
"""Any text; most examples contain markup of some output format."""
