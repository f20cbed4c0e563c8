"""From settings to the app, its Terraform JSON, the rule gate and the stack graph."""
