from pathlib import Path

import pytest

from iot_dr.terraform.standin.cty import SchemaParseError
from iot_dr.terraform.standin.parser import parse_provider
from iot_dr.terraform.standin.sources import Bindings

MEMBER = """\
  // {name} - computed: false, optional: true, required: false
  private _{name}?: string;{space}
  public get {name}() {{
    return this.getStringAttribute('{name}');
  }}
"""
RESOURCE = """\
export class Thing extends cdktf.TerraformResource {{
  public static readonly tfResourceType = "aws_thing";
{members}
  protected synthesizeHclAttributes(): {{ [name: string]: any }} {{
    const attrs = {{
      label: {{
        value: cdktf.stringToHclTerraform(this._label),
        isBlock: false,
        type: "{type}",
        storageClassType: "{storage}",
      }},
    }};
  }}
}}
"""


def thing(*, name: str = "label", type_: str = "simple", storage: str = "string") -> str:
    member = MEMBER.format(name=name, space=" ")
    return RESOURCE.format(members=member, type=type_, storage=storage)


def test_a_storage_class_that_nobody_knows_is_refused(small_bindings: Bindings) -> None:
    modules = {**small_bindings.modules(), "thing": thing(storage="stringTree")}
    with pytest.raises(SchemaParseError, match="label: unknown storage class stringTree"):
        parse_provider(modules)


def test_an_argument_without_its_comment_is_refused(small_bindings: Bindings) -> None:
    modules = {**small_bindings.modules(), "thing": thing(name="other")}
    with pytest.raises(SchemaParseError, match="without a comment: label"):
        parse_provider(modules)


def test_a_module_of_the_known_form_is_read(small_bindings: Bindings) -> None:
    schema = parse_provider({**small_bindings.modules(), "thing": thing()})
    assert schema.types["resource", "aws_thing"].attributes["label"].optional
    assert schema.address.endswith("/hashicorp/aws")
    assert "alias" not in schema.provider.attributes
    assert {"assume_role", "default_tags"} <= schema.provider.blocks.keys()


def test_bindings_without_a_provider_are_refused() -> None:
    with pytest.raises(SchemaParseError, match="`provider`"):
        parse_provider({"thing": thing()})


def test_the_bindings_version_is_in_their_file_s_name() -> None:
    installed = Bindings.installed()
    assert installed.version in Path(installed.tarball).name
