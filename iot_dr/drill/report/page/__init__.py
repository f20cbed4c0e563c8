"""A drill as one static page that is shown by itself."""
