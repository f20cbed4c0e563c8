"""Values are laid out as people write them, and `terraform fmt` would change nothing."""

from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.emit.hcl.document import to_hcl
from tests.iot_dr.emit.hcl.batches import batches
from tests.iot_dr.emit.hcl.expressions import expressions
from tests.iot_dr.emit.hcl.terraform_folder import TerraformFolder, no_blocks

LONG = "a" * 30

# Each value of a local value `x` in JSON, and what it is in HCL.
LAYOUTS: dict[str, tuple[Any, str]] = {
    "short list": (["a", 1, None], 'x = ["a", 1, null]'),
    "long list": (
        [LONG, LONG, LONG],
        f"""\
        x = [
          "{LONG}",
          "{LONG}",
          "{LONG}",
        ]""",
    ),
    "object": (
        {"a": 1, "a b": 2, "for": 3, "${var.k}": 4},
        """\
        x = {
          a       = 1
          "a b"   = 2
          "for"   = 3
          (var.k) = 4
        }""",
    ),
    "object of one inside another": (
        {"a": {"b": 1}, "c": {"d": {"e": 1}}},
        """\
        x = {
          a = { b = 1 }
          c = {
            d = { e = 1 }
          }
        }""",
    ),
    "run of equals signs": (
        {"a": 1, "bbb": 2, "c": {"d": 1, "e": 2}, "ff": 3, "g": 4},
        """\
        x = {
          a   = 1
          bbb = 2
          c = {
            d = 1
            e = 2
          }
          ff = 3
          g  = 4
        }""",
    ),
    "list of one object": (
        [{"a": 1, "b": 2}],
        """\
        x = [{
          a = 1
          b = 2
        }]""",
    ),
    "list of objects": (
        [{"a": 1, "b": 2}, {"c": 3, "d": 4}],
        """\
        x = [
          {
            a = 1
            b = 2
          },
          {
            c = 3
            d = 4
          },
        ]""",
    ),
    "policy": (
        '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "x"}, "Action": ["a", "b"]}]}',
        """\
        x = jsonencode({
          Statement = [{
            Effect    = "Allow"
            Principal = { Service = "x" }
            Action    = ["a", "b"]
          }]
        })""",
    ),
    "spaces": (
        '${a.b [ 0 ]+f( -1,!c)*{x:1,"y"=2}.x/[for k,v in m:v if v!=null][0]- -1}',
        "x = a.b[0] + f(-1, !c) * { x = 1, y = 2 }.x / [for k, v in m : v if v != null][0] - -1",
    ),
    "old index": ("${a.b.0.c.1}", "x = a.b[0].c[1]"),
    "index of each": ("${a.*.b.0}", "x = a.*.b.0"),
    "lines in an expression": ("${f(\n  a, # why\n  b\n)}", "x = f(a, b)"),
    "expression in a string": ('a ${f( {b:1} )}${"x"}', 'x = "a ${f({ b = 1 })}${"x"}"'),
    "object in a string": ("a ${ {b:1} }", 'x = "a ${ { b = 1 } }"'),
    "long call": (
        f"${{f(aaa.{LONG}, {{b = bbb.{LONG}}}, ccc.{LONG})}}",
        f"""\
        x = f(
          aaa.{LONG},
          {{ b = bbb.{LONG} }},
          ccc.{LONG}
        )""",
    ),
    "long call that ends in an object": (
        f'${{merge(local.{LONG}, {{b = "{LONG}", long_name = "{LONG}"}})["b"]}}',
        f"""\
        x = merge(local.{LONG}, {{
          b         = "{LONG}"
          long_name = "{LONG}"
        }})["b"]""",
    ),
    "long loop": (
        f'${{{{for k, v in {LONG}: k => "${{v}} {LONG} {LONG}"}}}}',
        f"""\
        x = {{
          for k, v in {LONG} : k => "${{v}} {LONG} {LONG}"
        }}""",
    ),
    "long condition": (
        f'${{can(regex("{LONG}", var.{LONG})) && !can(regex("{LONG}", var.{LONG}))||var.x}}',
        f"""\
        x = (
          can(regex("{LONG}", var.{LONG})) &&
          !can(regex("{LONG}", var.{LONG})) ||
          var.x
        )""",
    ),
    "long condition in parentheses": (
        [f"${{f((!var.{LONG} && var.{LONG}||true), !var.{LONG})}}"],
        f"""\
        x = [
          f(
            (!var.{LONG} && var.{LONG} || true),
            !var.{LONG}
          ),
        ]""",
    ),
    "long condition among arguments": (
        f"${{f(a, (!var.{LONG} || var.{LONG} && var.{LONG}{LONG}))}}",
        f"""\
        x = f(a, (
          !var.{LONG} ||
          var.{LONG} &&
          var.{LONG}{LONG}
        ))""",
    ),
    "condition with a long part": (
        f"${{f({LONG}, {LONG}, {LONG}, {LONG}) && a}}",
        f"""\
        x = (
          f(
            {LONG},
            {LONG},
            {LONG},
            {LONG}
          ) &&
          a
        )""",
    ),
    "long choice": (
        f'${{var.{LONG} == var.x ? {{a = "{LONG}{LONG}", b = 1}} : -var.{LONG}}}',
        f"""\
        x = (
          var.{LONG} == var.x
          ? {{ a = "{LONG}{LONG}", b = 1 }}
          : -var.{LONG}
        )""",
    ),
    "long choice with a long loop": (
        f"${{[for x in y: x ? var.{LONG} : var.{LONG} if x == var.{LONG}]}}",
        f"""\
        x = [
          for x in y : x ? var.{LONG} : var.{LONG} if x == var.{LONG}
        ]""",
    ),
    "nothing to break": (f"${{f({LONG}.{LONG})[0].{LONG}}}", f"x = f({LONG}.{LONG})[0].{LONG}"),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_value_is_laid_out(name: str) -> None:
    value, expected = LAYOUTS[name]

    hcl = to_hcl({"locals": {"x": value}}, no_blocks)

    assert dedent(hcl.removeprefix("locals {\n").removesuffix("}\n")) == f"{dedent(expected)}\n"


def test_terraform_would_format_no_layout_otherwise(terraform: TerraformFolder) -> None:
    values = {f"x{index}": value for index, (value, _) in enumerate(LAYOUTS.values())}

    assert terraform.unformatted(to_hcl({"locals": values}, no_blocks)) == ""


@batches
@given(cases=st.lists(expressions(), min_size=60, max_size=80))
def test_terraform_would_format_no_expression_otherwise(
    cases: list[str], terraform: TerraformFolder
) -> None:
    values = {f"x{index}": f"${{{case}}}" for index, case in enumerate(cases)}

    assert terraform.unformatted(to_hcl({"locals": values}, no_blocks)) == ""
