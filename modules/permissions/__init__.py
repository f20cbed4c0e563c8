"""The catalogue of permissions that Terraform needs, by resource type."""
