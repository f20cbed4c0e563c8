"""The kinds of outages, one a file; `catalogue` lists them."""
