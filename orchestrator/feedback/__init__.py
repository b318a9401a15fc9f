"""What a failure teaches: its diagnosis, what the next attempt is told, and what DECIDING decides."""
