"""What is known of one machine or host, and why: the panel at the right of the window."""
