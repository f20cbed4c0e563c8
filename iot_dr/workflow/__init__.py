"""GitHub workflows that are generated from an environment's waves."""
