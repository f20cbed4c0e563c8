"""Plans, applies, deploys and destroys the stacks of an environment, and keeps their states."""
