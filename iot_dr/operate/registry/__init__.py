"""Compares, watches, reconciles and seeds the device registries of an environment's regions."""
