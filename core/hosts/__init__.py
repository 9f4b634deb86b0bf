"""Talking to hypervisors: one session a host here, one confined worker process behind it."""
