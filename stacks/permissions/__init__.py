"""What each role of a pipeline may do: rights by stack, by scope, and what caps them."""
