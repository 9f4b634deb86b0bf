"""What only a host's own shell tells: one fixed script, and pure functions that read its words."""
