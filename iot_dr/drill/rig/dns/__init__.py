"""Route 53 on this machine: checkers, evaluation, name server and resolvers."""
