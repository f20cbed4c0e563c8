"""What the roles of pipelines and functions may do, from the resources of the stacks (ADR 0032)."""
