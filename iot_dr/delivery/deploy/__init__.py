"""Deploys and destroys an environment through the `cdktf` command line."""
