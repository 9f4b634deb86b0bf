"""unit/ mirrors core, ui/ tells user stories, lab/ uses real libvirt hosts, bench/ measures."""
