"""An acceptance run: deploys an environment to a real account, fails it over, and removes it."""
