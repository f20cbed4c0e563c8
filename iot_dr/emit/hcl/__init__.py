"""Conversion of Terraform JSON to formatted HCL."""
