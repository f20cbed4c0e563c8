"""What a rehearsal showed: figures, verdict, diagnosis, and the same for people and machines."""
