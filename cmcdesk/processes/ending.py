"""What ends a process of cmcdesk: SIGTERM, and SIGHUP, which the end of a terminal sends (Windows knows none)."""

import signal

END_SIGNALS: tuple[signal.Signals, ...] = (signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))
