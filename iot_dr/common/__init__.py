"""Text, files, errors, signals and polling, for all other packages."""
