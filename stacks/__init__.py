"""Terraform stacks of an environment, and the stage, graph and rollout that order them."""
