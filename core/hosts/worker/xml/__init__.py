"""libvirt's XML to facts: pure functions, no connection. Everything here parses hostile text."""
