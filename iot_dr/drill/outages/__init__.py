"""The kinds of outages, one per file; `catalogue` lists them."""
