"""Lambda function that applies other regions' changes to the device registry of this region."""
