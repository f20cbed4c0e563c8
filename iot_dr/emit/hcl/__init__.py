"""Terraform's JSON written as HCL that a person likes to read."""

from iot_dr.emit.hcl.blocks import BlockNames
from iot_dr.emit.hcl.document import written

__all__ = ["BlockNames", "written"]
