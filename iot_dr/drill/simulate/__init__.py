"""A fleet of up to ten million devices through the same outage, in numpy."""
