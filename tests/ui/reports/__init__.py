"""Stories about reports."""
