"""The same verbs in a terminal, without a display and without Qt."""
