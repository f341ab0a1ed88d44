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
`packaging/torture/attacks`; the ordinary test run makes all of them in a short form (`--short`).

What follows was written by the command itself (`--report docs/torture.md`).
"""


@dataclass(frozen=True)
class Played:
    """One attack that was made. seconds: how long it took."""

    name: str
    title: str
    seconds: float
    findings: Sequence[Finding]


def write_report(played: Sequence[Played], is_short: bool) -> str:
    """The whole file."""
    form = "the short form" if is_short else "whole"
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    lines = [HEAD, f"Run: {form}; {machine}, SQLite {sqlite3.sqlite_version}.", ""]
    for one in played:
        lines += [f"## {one.name}: {one.title}", "", f"{one.seconds:.0f} s.", ""]
        lines += ["| promise | seen | |", "| --- | --- | --- |"]
        lines += [f"| {escape(each.promise)} | {escape(each.seen)} | {each.mark.strip()} |" for each in one.findings]
        lines.append("")
    return "\n".join(lines)


def escape(text: str) -> str:
    """For a cell of a table."""
    return " ".join(text.replace("|", "\\|").split())
