"""Terraform modules as constructs: one noun a file, without settings; stacks are only named."""
