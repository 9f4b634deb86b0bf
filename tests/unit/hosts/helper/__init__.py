"""ringfence-host: its parts, and the one file they become."""
