"""What Terraform may do, by type of resource: the catalogue of permissions."""
