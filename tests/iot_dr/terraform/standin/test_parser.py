from pathlib import Path

import pytest

from iot_dr.terraform.standin.cache import Bindings
from iot_dr.terraform.standin.cty import SchemaParseError
from iot_dr.terraform.standin.parser import parse_provider
from iot_dr.terraform.standin.schema import Attribute

# Code as each engine generates it.
MEMBER = """\
  // {name} - computed: false, optional: true, required: false
  private _{name}?: string;{space}
{comment}  public get {name}() {{
    return this.getStringAttribute('{name}');
  }}
"""
DEPRECATED = """\
  /**
  * @deprecated Write-only: the provider never returns this value.
  */
"""
RESOURCE = """\
export class Thing extends {engine}.TerraformResource {{
  public static readonly tfResourceType = "aws_thing";
{members}
  protected synthesizeHclAttributes(): {{ [name: string]: any }} {{
    const attrs = {{
      label: {{
        value: {engine}.stringToHclTerraform(this._label),
        isBlock: false,
        type: "{type}",
        storageClassType: "{storage}",
      }},
    }};
  }}
}}
"""
# A block that holds itself, as statements of wafv2 do.
RECURSIVE = """\
export class StatementOutputReference extends cdktn.ComplexObject {{
  // not - computed: false, optional: true, required: false
  private _not = new StatementList(this, "not", false);{space}
  public get not() {{
    return this._not;
  }}
}}
export class Thing extends cdktn.TerraformResource {{
  public static readonly tfResourceType = "aws_thing";
  // statement - computed: false, optional: true, required: false
  private _statement = new StatementList(this, "statement", false);{space}
  public get statement() {{
    return this._statement;
  }}
  protected synthesizeHclAttributes(): {{ [name: string]: any }} {{
    const attrs = {{
      statement: {{
        value: cdktn.listMapperHcl(statementToHclTerraform, true)(this._statement.internalValue),
        isBlock: true,
        type: "list",
        storageClassType: "StatementList",
      }},
    }};
  }}
}}
""".format(space=" ")


def thing(
    *,
    name: str = "label",
    type_: str = "simple",
    storage: str = "string",
    engine: str = "cdktf",
    comment: str = "",
) -> str:
    member = MEMBER.format(name=name, space=" ", comment=comment)
    return RESOURCE.format(members=member, type=type_, storage=storage, engine=engine)


def test_a_storage_class_that_nobody_knows_is_refused(small_bindings: Bindings) -> None:
    modules = {**small_bindings.modules(), "thing": thing(storage="stringTree")}
    with pytest.raises(SchemaParseError, match="label: unknown storage class stringTree"):
        parse_provider(modules)


def test_an_argument_without_its_comment_is_refused(small_bindings: Bindings) -> None:
    modules = {**small_bindings.modules(), "thing": thing(name="other")}
    with pytest.raises(SchemaParseError, match="without a comment: label"):
        parse_provider(modules)


@pytest.mark.parametrize(
    "code",
    [thing(), thing(engine="cdktn"), thing(engine="cdktn", comment=DEPRECATED)],
    ids=["cdktf", "cdktn", "cdktn, write-only"],
)
def test_a_module_of_a_known_form_is_read(small_bindings: Bindings, code: str) -> None:
    schema = parse_provider({**small_bindings.modules(), "thing": code})
    assert schema.types["resource", "aws_thing"].attributes == {
        "label": Attribute("string", optional=True)
    }
    assert schema.address.endswith("/hashicorp/aws")
    assert "alias" not in schema.provider.attributes
    assert {"assume_role", "default_tags"} <= schema.provider.blocks.keys()


def test_a_map_of_lists_is_read(small_bindings: Bindings) -> None:
    code = thing(type_="map", storage="stringListMap", engine="cdktn")
    schema = parse_provider({**small_bindings.modules(), "thing": code})
    label = schema.types["resource", "aws_thing"].attributes["label"]
    assert label.type == ["map", ["list", "string"]]


def test_a_block_that_holds_itself_may_be_anything(small_bindings: Bindings) -> None:
    schema = parse_provider({**small_bindings.modules(), "thing": RECURSIVE})
    thing = schema.types["resource", "aws_thing"]
    assert thing.attributes == {"statement": Attribute("dynamic", optional=True)}


def test_a_module_of_functions_has_no_types(small_bindings: Bindings) -> None:
    modules = small_bindings.modules()
    with_functions = {**modules, "functions": "export class AwsProviderFunctions {\n}\n"}
    assert parse_provider(with_functions).types == parse_provider(modules).types


def test_bindings_without_a_provider_are_refused() -> None:
    with pytest.raises(SchemaParseError, match="`provider`"):
        parse_provider({"thing": thing()})


def test_the_bindings_version_is_in_their_file_s_name() -> None:
    installed = Bindings.installed()
    assert installed.version in Path(installed.tarball).name
