"""Evidence of a machine that was cut off: taken, sealed to the case key, signed, checkable."""
