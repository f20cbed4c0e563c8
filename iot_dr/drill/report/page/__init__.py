"""Report as one static HTML page without external resources."""
