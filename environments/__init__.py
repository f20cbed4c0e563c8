"""What differs between dev, staging and prod: one YAML file each, read as `Settings`."""
