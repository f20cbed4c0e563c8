"""What Terraform may do, by the type of resource."""
