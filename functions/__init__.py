"""Code that runs inside AWS Lambda: a package per function; `probe` and `registry` are shared."""
