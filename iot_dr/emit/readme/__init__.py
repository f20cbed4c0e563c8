"""The README of a module, as terraform-docs keeps it."""
