"""A project that uses iot-dr: its generated files, and how they are upgraded."""
