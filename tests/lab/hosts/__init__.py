"""Real libvirt hosts on one machine: each a set of namespaces with its own files and daemons."""
