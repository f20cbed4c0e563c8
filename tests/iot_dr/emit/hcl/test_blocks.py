from textwrap import dedent
from typing import Any

import pytest

from iot_dr.emit.hcl.document import to_hcl
from tests.iot_dr.emit.hcl.some_blocks import some_blocks
from tests.iot_dr.emit.hcl.terraform_folder import TerraformFolder

BLOCKS: dict[str, tuple[dict[str, Any], str]] = {
    "resource": (
        {
            "resource": {
                "some_rule": {
                    "r": {
                        "//": {"metadata": {"path": "x"}},
                        "condition": [{"name": "a"}, {"path": {"values": ["/"], "//": {}}}],
                        "count": "${var.n}",
                        "depends_on": ["some_rule.other", "module.m"],
                        "lifecycle": {"create_before_destroy": True, "ignore_changes": ["name"]},
                        "names": ["a"],
                        "place": {"here": {"zone": "a"}},
                        "port": 1,
                        "provider": "some.eu",
                        "tags": {"a": "b"},
                        "ingress": [{"port": 1}],
                    }
                }
            }
        },
        """\
        resource "some_rule" "r" {
          count    = var.n
          provider = some.eu

          names   = ["a"]
          port    = 1
          ingress = [{ port = 1 }]

          tags = {
            a = "b"
          }

          condition {
            name = "a"
          }

          condition {
            path {
              values = ["/"]
            }
          }

          place "here" {
            zone = "a"
          }

          lifecycle {
            create_before_destroy = true
            ignore_changes        = [name]
          }

          depends_on = [some_rule.other, module.m]
        }
        """,
    ),
    "conditions": (
        {
            "resource": {
                "some_rule": {
                    "r": {
                        "lifecycle": {
                            "ignore_changes": "all",
                            "replace_triggered_by": ['some_rule.x["k"].arn'],
                            "postcondition": [
                                {"condition": "${self.port>1}", "error_message": "no ${self.port}"},
                                {"error_message": "x", "condition": "${true}"},
                            ],
                        }
                    }
                }
            }
        },
        """\
        resource "some_rule" "r" {
          lifecycle {
            ignore_changes       = all
            replace_triggered_by = [some_rule.x["k"].arn]

            postcondition {
              condition     = self.port > 1
              error_message = "no ${self.port}"
            }

            postcondition {
              condition     = true
              error_message = "x"
            }
          }
        }
        """,
    ),
    "dynamic blocks": (
        {
            "resource": {
                "some_rule": {
                    "r": {
                        "dynamic": [
                            {
                                "condition": {
                                    "content": {
                                        "name": "${c.value}",
                                        "dynamic": {
                                            "path": {"for_each": [1], "content": {"values": []}}
                                        },
                                    },
                                    "for_each": "${var.names}",
                                    "iterator": "c",
                                }
                            },
                            {"place": {"for_each": {}, "labels": ["a"], "content": {}}},
                        ]
                    }
                }
            }
        },
        """\
        resource "some_rule" "r" {
          dynamic "condition" {
            for_each = var.names
            iterator = c

            content {
              name = c.value

              dynamic "path" {
                for_each = [1]

                content {
                  values = []
                }
              }
            }
          }

          dynamic "place" {
            for_each = {}
            labels   = ["a"]

            content {}
          }
        }
        """,
    ),
    "variable": (
        {
            "variable": {
                "v": {
                    "default": {"a": "${b}", "c": "%{d}"},
                    "type": "map(string)",
                    "description": "as in ${a}",
                    "nullable": False,
                    "validation": {"condition": "${length(var.v)>0}", "error_message": "${var.v}"},
                },
            }
        },
        """\
        variable "v" {
          description = "as in $${a}"
          type        = map(string)

          default = {
            a = "$${b}"
            c = "%%{d}"
          }

          nullable = false

          validation {
            condition     = length(var.v) > 0
            error_message = var.v
          }
        }
        """,
    ),
    "module": (
        {
            "module": {
                "m": {
                    "for_each": "${toset([])}",
                    "port": "${var.port}",
                    "providers": {"aws": "aws.eu", "aws.standby": "aws.us"},
                    "source": "./m",
                    "depends_on": ["data.some_region.r"],
                }
            }
        },
        """\
        module "m" {
          source = "./m"

          for_each = toset([])

          providers = {
            aws         = aws.eu
            aws.standby = aws.us
          }

          port = var.port

          depends_on = [data.some_region.r]
        }
        """,
    ),
    "versions": (
        {
            "terraform": {
                "required_providers": {
                    "some": {
                        "source": "a/some",
                        "version": ">= 1",
                        "configuration_aliases": ["some.eu"],
                    }
                },
                "required_version": ">= 1.11",
                "backend": {"s3": {"bucket": "b", "assume_role": {"role_arn": "${r}"}}},
            },
            "provider": {"some": [{"alias": "eu", "tags": [{"all": {"a": "b"}}]}, {}]},
        },
        """\
        terraform {
          required_version = ">= 1.11"

          required_providers {
            some = {
              source                = "a/some"
              version               = ">= 1"
              configuration_aliases = [some.eu]
            }
          }

          backend "s3" {
            bucket = "b"

            assume_role = {
              role_arn = "$${r}"
            }
          }
        }

        provider "some" {
          alias = "eu"

          tags {
            all = {
              a = "b"
            }
          }
        }

        provider "some" {}
        """,
    ),
    "outputs and the rest": (
        {
            "//": "made by a program",
            "output": {"o": {"sensitive": True, "value": "${local.a}", "depends_on": ["some.x"]}},
            "moved": [{"to": "a.c", "from": "a.b"}, {"from": "a.d[0]", "to": 'a.e["k"]'}],
            "removed": {"from": "a.f", "lifecycle": {"destroy": False}},
            "import": [{"to": "a.g", "id": "i", "provider": "some.eu"}],
        },
        """\
        output "o" {
          value     = local.a
          sensitive = true

          depends_on = [some.x]
        }

        moved {
          from = a.b
          to   = a.c
        }

        moved {
          from = a.d[0]
          to   = a.e["k"]
        }

        removed {
          from = a.f

          lifecycle {
            destroy = false
          }
        }

        import {
          provider = some.eu

          to = a.g
          id = "i"
        }
        """,
    ),
    "a comment, in paragraphs": (
        {"locals": {"//": f"{'word ' * 25}end\n\nSecond.", "a": 1}},
        f"# {' '.join(['word'] * 19)}\n# {'word ' * 6}end\n#\n# Second.\nlocals {{\n  a = 1\n}}\n",
    ),
    "nothing": ({"locals": {}, "resource": {"//": {"a": {}}}}, "locals {}\n"),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_is_written_as_people_do(name: str) -> None:
    document, expected = BLOCKS[name]

    assert to_hcl(document, some_blocks) == dedent(expected)


def test_terraform_would_format_no_block_otherwise(terraform: TerraformFolder) -> None:
    hcl = "\n".join(to_hcl(document, some_blocks) for document, _ in BLOCKS.values())

    assert terraform.unformatted(hcl) == ""
