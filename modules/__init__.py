"""Terraform modules as constructs: one noun a file, no knowledge of environments or stacks."""
