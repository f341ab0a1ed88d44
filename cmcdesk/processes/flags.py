"""How the processes may be told to leave something out."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Flags:
    """Switches of benches; the page shows each that is on in red."""

    without_interval: bool = False
    without_dispatch: bool = False
