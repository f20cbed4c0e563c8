"""The page of the documentation that lists the rules."""

from collections.abc import Iterable, Iterator

from iot_dr.rules.rule import Rule

_HEAD = """\
# The rules

What a design for disaster recovery must not do, each with the reason. `iot-dr synth` and \
`make check` judge our own stacks by them, `iot-dr check PATH` any Terraform JSON or plan JSON. \
A finding is `block`, which stops a synthesis, or `warn`, which is told. To accept one, name the \
rule and the reason under `suppressions` in the environment's settings; it counts for what is \
synthesized from these settings, and for other files with `--env NAME`.

`for_each` and `count` are expanded where what they go over is known. What is not judged, such as \
HCL beside JSON, modules that are only called, or a `for_each` over what is not known, is told \
with the verdict.

This page is written from the rules themselves (`iot_dr/rules/`, a file for each)."""


def page(rules: Iterable[Rule]) -> str:
    """Write the page, as `docs/rules.md` holds it."""
    return "\n\n".join([_HEAD, *_sections(rules)]) + "\n"


def _sections(rules: Iterable[Rule]) -> Iterator[str]:
    for rule in rules:
        yield f"## {rule.id}"
        yield f"**{rule.title}.** {rule.why}"
        if rule.needs_plan:
            yield "Only a plan can show it."
        yield f"Source: {rule.source}."
