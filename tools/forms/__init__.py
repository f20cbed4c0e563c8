"""The verdicts of one design in every form of its Terraform."""
