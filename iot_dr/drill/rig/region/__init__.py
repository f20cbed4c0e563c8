"""The parts of a region: broker, HTTPS servers, functions, alarms."""
