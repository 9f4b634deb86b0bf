"""Data the product ships: check metadata, demo fleet, icons, message catalogues, styles."""
