"""From settings to the app, its Terraform JSON, the gate of rules and the graph of stacks."""
