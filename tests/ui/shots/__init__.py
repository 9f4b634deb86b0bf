"""Pictures of the window: `python -m tests.ui.shots OUTDIR`."""
