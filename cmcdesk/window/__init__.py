"""The console in a window of its own; without a display, in the system's browser."""
