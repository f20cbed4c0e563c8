"""Text, files, errors, signals and progress: nothing about AWS or Terraform."""
