"""Posture reports: what the window shows, on paper. Every word of a host is escaped."""
