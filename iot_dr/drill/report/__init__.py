"""Report of a rehearsal: figures, prediction, verdict, diagnosis; as text, HTML, JSON, JUnit."""
