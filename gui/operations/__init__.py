"""One short function per user action: what a button, a key and a menu entry share.

Each takes the window and does one thing; whether it is possible was decided by the action table.
"""
