"""Terraform's JSON written as HCL that a person likes to read."""
