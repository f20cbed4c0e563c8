"""Lambda function that compares a region's device registry with its rows in the table."""
