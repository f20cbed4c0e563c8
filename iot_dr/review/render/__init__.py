"""The output formats of a review: terminal, Markdown, HTML and JSON."""
