"""What the attacks found, as Markdown for docs/torture.md."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from torture.ground import Finding

HEAD = """# Torture

`python3 packaging/dev.py torture` attacks a cmcdesk of its own, on free ports and in a fresh folder, as strangers,
failing machines and full disks do, and says of each promise whether it held. Each attack is a file in
`packaging/dev/torture/attacks`; the ordinary test run makes all of them in a short form (`--short`).

What follows was written by the command itself (`--report docs/torture.md`), which keeps the sections of attacks that it
did not make.
"""


@dataclass(frozen=True)
class Played:
    """One attack that was made. seconds: how long it took."""

    name: str
    title: str
    seconds: float
    findings: Sequence[Finding]


def write_report(played: Sequence[Played], is_short: bool, before: str = "") -> str:
    """The whole file; what it said before of attacks that were not made now stays."""
    sections = {part.partition(":")[0]: f"## {part.rstrip()}\n" for part in before.split("\n## ")[1:]}
    sections |= {one.name: write_section(one, is_short) for one in played}
    return "\n".join([HEAD, *(sections[name] for name in sorted(sections))])


def write_section(played: Played, is_short: bool) -> str:
    """What was seen in one attack."""
    form = "Short form" if is_short else "Whole"
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    lines = [f"## {played.name}: {played.title}", ""]
    lines += [f"{form}, {played.seconds:.0f} s; {machine}, SQLite {sqlite3.sqlite_version}.", ""]
    lines += ["| promise | seen | |", "| --- | --- | --- |"]
    lines += [f"| {escape(each.promise)} | {escape(each.seen)} | {each.mark.strip()} |" for each in played.findings]
    return "\n".join([*lines, ""])


def escape(text: str) -> str:
    """For a cell of a table."""
    return " ".join(text.replace("|", "\\|").split())
