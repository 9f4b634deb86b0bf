"""Real guests: a kernel and an initramfs of a megabyte, answering on the network in seconds."""
