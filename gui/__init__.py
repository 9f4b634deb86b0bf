"""The window: one folder per core feature, over the same verbs as the terminal."""
