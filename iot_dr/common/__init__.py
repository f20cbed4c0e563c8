"""Text, files, errors, signals and polling: nothing about AWS or Terraform."""
