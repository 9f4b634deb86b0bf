"""One short function per user action: what a button, a key and a menu entry share."""
