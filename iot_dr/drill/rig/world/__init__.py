"""The rehearsed model of an environment, read from its synthesized Terraform."""
