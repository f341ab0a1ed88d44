"""A run that started other programs ends them too, however it ends."""

import os
import signal
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from simulator.bench.usage import find_family


@contextmanager
def ended_in_order() -> Iterator[None]:
    """SIGTERM leaves the block as Ctrl-C does, so that all it began is ended; 143 is what a shell says of it."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    earlier = find_family([os.getpid()])
    try:
        yield
    except (SystemExit, KeyboardInterrupt):
        _end_strays(earlier)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _end_strays(earlier: Collection[int]) -> None:
    """A signal that comes while a program is being started leaves one that nobody holds yet."""
    for pid in find_family([os.getpid()]):
        if pid not in earlier:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)
