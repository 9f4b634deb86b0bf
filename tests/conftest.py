"""What every test stands on: a window system that needs no display, set before Qt is loaded."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GLIB", "1")  # libvirt's event loop and Qt's must not share GLib's
