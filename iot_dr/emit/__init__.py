"""Terraform modules made of the constructs that the stacks use."""
