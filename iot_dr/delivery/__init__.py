"""Plans, applies, deploys and destroys the stacks of an environment, and manages their states."""
