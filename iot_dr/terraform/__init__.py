"""Runs Terraform on synthesized stacks, with the real AWS provider or with the stand-in."""
