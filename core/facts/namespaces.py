"""The XML name spaces in a machine's metadata: what we mark there, and what its owner claims."""

HOLD_NAMESPACE = "urn:ringfence:quarantine:1"
HOLD_PREFIX = "ringfence"  # libvirt adds it; declared in the element too, libvirt refuses
MACHINE_NAMESPACE = "urn:ringfence:machine:1"
