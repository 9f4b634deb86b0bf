"""A host's SSH process: holds the keys, logs in once, carries libvirt and reads host facts."""
