"""What a process of cmcdesk owes the system: to end when SIGTERM tells it to, or SIGHUP, which the end of a terminal
sends (Windows knows none); to give back the memory that it has used, which those that read strangers' mails need; and
to start other programs as if they were started by it.
"""

import ctypes
import os
import signal
import sys

END_SIGNALS: tuple[signal.Signals, ...] = (signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


# Parameters of glibc's mallopt(3).
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
LARGE_OCTETS = 1024 * 1024


def give_back_large() -> bool:
    """Let what is freed in pieces of 1 MB or more go back at once. Whether that was possible (Linux with glibc).

    Left alone, glibc keeps freed pieces of up to 32 MB for the thread that had them, in an arena for each of many
    threads: 58 mails of 10 MB, read one after the other by threads that take turns, left 1.2 GB with a process that
    never held more than 150 MB.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_MMAP_THRESHOLD, LARGE_OCTETS) and mallopt(_ARENA_MAX, 2))


def foreign_environment() -> dict[str, str]:
    """What a program that is none of ours is started with. The frozen program finds its own libraries by
    LD_LIBRARY_PATH, and a browser that found them there would not start: it gets what was set before."""
    known = dict(os.environ)
    if getattr(sys, "frozen", False):
        before = known.pop("LD_LIBRARY_PATH_ORIG", None)
        known.pop("LD_LIBRARY_PATH", None)
        known |= {"LD_LIBRARY_PATH": before} if before else {}
    return known
