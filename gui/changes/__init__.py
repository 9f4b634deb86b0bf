"""Plans on screen: the task panel, and differences that read like a code review."""
