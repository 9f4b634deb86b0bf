"""Cutting a machine off and letting it go, beside the table."""
