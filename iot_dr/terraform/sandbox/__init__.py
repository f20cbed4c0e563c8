"""An S3 API on this machine, in which Terraform's own S3 backend keeps states and locks."""
