"""What the plans mean for devices."""
