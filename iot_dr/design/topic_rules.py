"""Topic rules of AWS IoT: which messages they get, and which fields they pass on."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from iot_dr.design.data_links import ENABLED, Link, Wanted, argument_links, at
from iot_dr.terraform_json.expression import literal
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.registry_sources import SQL_VERSION

RULE: Final = "aws_iot_topic_rule"
_READS_ALL: Final = (*ENABLED, Wanted("", "sql_version", (SQL_VERSION,), "2015-10-08"))
# docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html
_SQL: Final = re.compile(
    r"\s*SELECT\s+(.*?)\s+FROM\s+'([^']*)'\s*(.*?)\s*", re.IGNORECASE | re.DOTALL
)


def topic_rules(resources: ResourceSet, topic: str, region: str) -> Iterator[Resource]:
    """Yield the topic rules of a region that get what is published to a topic."""
    for rule in resources.of_type(RULE):
        if rule.region == region and _covers(_sql(resources, rule)[1], topic):
            yield rule


def rule_links(resources: ResourceSet, rule: Resource, fields: Sequence[str]) -> Iterator[Link]:
    """Yield why a topic rule does not pass on every message with its fields."""
    yield from argument_links(resources, rule, _READS_ALL)
    selected, _, rest = _sql(resources, rule)
    names = [_plain(name) for name in selected.split(",")]
    for field in fields:
        if field not in names if field == "*" else _plain(field) not in _plain(selected):
            yield at(rule, f"does not select {field}")
    if rest:
        yield at(rule, f"passes on only some messages: {rest}")


def _plain(text: str) -> str:
    return "".join(text.split()).lower()


def _sql(resources: ResourceSet, rule: Resource) -> tuple[str, str, str]:
    """Return what a rule selects, the topic filter and the rest; empty if not known."""
    match = _SQL.fullmatch(literal(resources.resolve(rule, rule.values.get("sql"))) or "")
    return (match[1], match[2], match[3]) if match else ("", "", "")


def _covers(pattern: str, topic: str) -> bool:
    """Whether a topic filter matches whatever another one does.

    Wildcards at its beginning match no topic that begins with `$`.
    """
    levels, wanted = pattern.split("/"), topic.split("/")
    if levels[0] in {"#", "+"} and topic.startswith("$"):
        return False
    if levels[-1] == "#":
        levels, wanted = levels[:-1], wanted[: len(levels) - 1]
    return len(levels) == len(wanted) and all(
        level == other or (level == "+" and other != "#")
        for level, other in zip(levels, wanted, strict=True)
    )
