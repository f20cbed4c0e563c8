"""Lambda function that switches a failed primary away, so that failing back is a decision."""
