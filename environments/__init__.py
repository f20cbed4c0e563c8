"""Settings of environments: a YAML file for each, read as `Settings`."""
