"""Lambda function that repeats the values of the switches whose alarms are in its region."""
