"""Terraform stacks: what is planned and applied as one, and the stage and graph that order them."""
