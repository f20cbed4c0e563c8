"""Code that runs inside AWS: one package a Lambda function, and `probe`, which they share."""
