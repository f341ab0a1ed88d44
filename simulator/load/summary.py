"""The summary of a load for people."""

from typing import Any

from rich.console import Console
from rich.table import Table


def print_summary(data: dict[str, Any]) -> None:
    """The summary as a table."""
    table = Table(show_header=False, box=None)
    for name, value in data.items():
        if name == "refusals":
            for refusal in value:
                said = f"{refusal['code']} {refusal['enhanced_status']} {refusal['text']}"
                table.add_row("", f"{refusal['count']:,} at {refusal['stage']}: {said}")
        elif value:
            members = value.items() if isinstance(value, dict) else [("", value)]
            table.add_row(name, ", ".join(f"{key} {write_figure(one)}".strip() for key, one in members))
    Console().print(table)


def write_figure(value: Any) -> str:
    """A number with its thousands apart, a text as it is."""
    return value if isinstance(value, str) else f"{value:,}"
