"""What Terraform may do to an environment: rights by resource type, by stack and by role."""
