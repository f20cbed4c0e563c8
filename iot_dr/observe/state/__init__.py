"""States in S3, as they are."""
