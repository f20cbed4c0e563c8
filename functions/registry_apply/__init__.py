"""Takes over what changed in the device registries of other regions."""
