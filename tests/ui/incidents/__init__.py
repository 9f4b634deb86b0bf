"""User stories of the incidents panels."""
