"""Reports as files: HTML as the core writes it, PDF by Qt's own printer."""
