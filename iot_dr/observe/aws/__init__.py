"""AWS's services asked region by region, with time limits and errors that a user can act on."""
