"""A host's confined child process: the only place that imports libvirt."""
