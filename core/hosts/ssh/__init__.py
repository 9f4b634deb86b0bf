"""A host's SSH child process: the only place that imports paramiko."""
