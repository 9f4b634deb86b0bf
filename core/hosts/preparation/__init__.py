"""Preparing a host: what is missing there, the plan that puts it there, the plan that takes it."""
