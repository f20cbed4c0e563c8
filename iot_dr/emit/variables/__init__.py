"""Variables of the modules, with the rules of the settings."""
