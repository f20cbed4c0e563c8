"""States in S3: objects, snapshots, copies and fences."""
