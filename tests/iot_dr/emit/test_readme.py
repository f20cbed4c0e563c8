"""A README is as terraform-docs would write it: `canary.md` and the cells are what 0.24.0 wrote."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from iot_dr.emit.contract import Contract, Output, Variable
from iot_dr.emit.hcl import document
from iot_dr.emit.readme import formatted_type, readme
from iot_dr.terraform.standin.schema import SchemaBlock

CANARY: Final = Contract(
    name="canary",
    aliases=("aws.us_east_1",),
    variables=(
        Variable(name="zone_id", type="string", description="The zone's id, of a public_zone."),
        Variable(
            name="alarms",
            type="list(string)",
            description="Topics that are notified,\neach once:\n\n- by `a|b`\n- or a|b",
            default=[],
        ),
        Variable(
            name="regions",
            type=(
                "map(object({ bucket = string, peers = optional(list(string), []),"
                " seconds_to_wait = optional(number, 30) }))"
            ),
            description="See *all* of <it>.",
            default={"one": {"bucket": "b_1", "peers": ["x", "y"]}, "a": {"bucket": ""}},
        ),
        Variable(name="interval", type="number", description="Seconds.", default=30),
        Variable(name="key", type="string", description="A key.", default=None, nullable=True),
        Variable(name="latched", type="bool", description="Whether it stays.", default=True),
    ),
    outputs=(
        Output(name="check_id", description="The check's id.", value="1"),
        Output(name="arn", description="The function's ARN.", value="2"),
    ),
    resources=(
        "aws_lambda_function.canary",
        "aws_route53_health_check.deep",
        "terraform_data.path",
    ),
    data_sources=("data.aws_region.this",),
    modules=("module.watcher", "module.alarm_topic"),
    versions={"terraform": ">= 1.9", "aws": ">= 6.0, < 7.0"},
    providers=("aws.us_east_1", "terraform", "aws"),
    sources={"module.watcher": "./modules/watcher_1", "module.alarm_topic": "./modules/alarm"},
)
EMPTY: Final = Contract(
    name="none",
    aliases=(),
    variables=(),
    outputs=(),
    resources=(),
    data_sources=(),
    modules=(),
    versions={},
)


def written(contract: Contract) -> str:
    return readme(
        contract,
        title="Canary",
        purpose="Checks whether a region takes what devices send.",
        first="Look at it.",
        usage='```hcl\nmodule "canary" {\n  source = "./modules/canary"\n}\n```\n',
        notes=["It needs a zone.", "One a region."],
    )


def test_a_readme_is_what_terraform_docs_leaves_as_it_is() -> None:
    assert written(CANARY) == Path(__file__).with_name("canary.md").read_text("utf-8")


def test_a_section_with_nothing_in_it_says_so() -> None:
    assert written(EMPTY).partition("<!-- BEGIN_TF_DOCS -->\n")[2] == (
        "## Requirements\n\nNo requirements.\n\n"
        "## Providers\n\nNo providers.\n\n"
        "## Modules\n\nNo modules.\n\n"
        "## Resources\n\nNo resources.\n\n"
        "## Inputs\n\nNo inputs.\n\n"
        "## Outputs\n\nNo outputs.\n<!-- END_TF_DOCS -->\n"
    )


def test_a_module_without_notes_has_no_heading_for_them() -> None:
    text = readme(EMPTY, title="None", purpose="Nothing.", first="", usage="", notes=[])
    assert "## Notes" not in text


@pytest.mark.parametrize(
    ("description", "cell"),
    [
        ("plain text", "plain text"),
        ("", "n/a"),
        ("some_name", "some\\_name"),
        ("`a_b` and a_b", "`a_b` and a\\_b"),
        ("a|b and `a|b`", "a\\|b and `a|b`"),
        ("<b> & <region>", "<b> & <region>"),
        ("one\ntwo", "one<br/>two"),
        ("one\n\n- two_x\n- three", "one<br/><br/>- two\\_x<br/>- three"),
        ("  around  ", "around"),
        ("```\ncode_a|b\n  more\n```\nafter_x", "<pre>code_a|b<br/>  more</pre>after\\_x"),
        ("before ```x_y```", "before<pre>x_y</pre>"),
    ],
)
def test_a_description_is_escaped_as_terraform_docs_does(description: str, cell: str) -> None:
    contract = replace(EMPTY, outputs=(Output(name="x", description=description, value="1"),))
    assert f'| <a name="output_x"></a> [x](#output\\_x) | {cell} |\n' in written(contract)


@pytest.mark.parametrize("text", ["see https://example.com", "a _word b", "a_ list"])
def test_a_text_that_terraform_docs_treats_otherwise_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it without a URL, and no _ around a word"):
        written(replace(EMPTY, outputs=(Output(name="x", description=text, value="1"),)))


def test_a_contract_that_does_not_report_who_provides_its_resources_is_refused() -> None:
    with pytest.raises(ValueError, match="none: the contract has resources but no providers"):
        written(replace(EMPTY, resources=("aws_iot_thing.it",)))


@pytest.mark.parametrize("length", [1, *range(45, 65)])
def test_a_type_of_any_length_is_laid_out_as_in_its_file(length: int) -> None:
    constraint = f"object({{ {'x' * length} = string, other = number }})"
    body = {"description": "What.", "type": constraint, "default": None, "nullable": True}
    text = document.to_hcl({"variable": {"x": body}}, lambda _kind, _type: SchemaBlock())
    assert f"= {formatted_type(constraint)}\n" in text
