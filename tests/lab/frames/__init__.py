"""Frames on a lab host's wires: a machine that can send any, listeners that miss none."""
