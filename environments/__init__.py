"""Settings of the environments: one YAML file each, read as `Settings`."""
