"""Planners that cut a machine off and give it back."""
