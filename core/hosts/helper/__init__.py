"""ringfence-host: the one file of ours that runs on a host, and what may be asked of it."""
