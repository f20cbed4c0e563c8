"""A version of the modules, handed out: what .github/workflows/release-modules.yml runs."""
