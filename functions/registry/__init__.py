"""What a region holds in IoT Core's registry, and how it agrees with the other regions."""
