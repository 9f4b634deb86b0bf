"""Which network zone a machine lives in, judged from networks, bridges, VLANs and filters."""
