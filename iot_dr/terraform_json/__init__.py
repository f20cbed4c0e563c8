"""Resources read from Terraform's JSON: configuration, plans and states."""
