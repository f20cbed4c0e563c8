"""Terraform modules, synthesized from the same constructs as the stacks."""
