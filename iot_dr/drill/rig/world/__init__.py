"""What is rehearsed of an environment, read from the Terraform of its stacks."""
