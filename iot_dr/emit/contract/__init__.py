"""What a module asks for and gives: its contract with whoever calls it."""
