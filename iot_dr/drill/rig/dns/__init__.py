"""Route 53 on this machine: checkers, evaluation, the name server, and who asks it."""
