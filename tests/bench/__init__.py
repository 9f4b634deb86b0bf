"""The bench tests."""
