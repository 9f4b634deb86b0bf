"""User stories of the inspector panels."""
