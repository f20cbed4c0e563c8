"""What stands in a region: broker, fronts, functions, alarms."""
