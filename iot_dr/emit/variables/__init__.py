"""The settings that a module may ask for, as variables with the settings' own rules."""
