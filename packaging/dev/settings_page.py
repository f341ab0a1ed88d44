"""Make the tables of docs/settings.md anew out of the settings' own descriptions (rules.settings.describe)."""

import sys
from pathlib import Path

from cmcdesk.rules.settings import Setting, describe

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "settings.md"
MARK = "<!-- from here made by"


def write_page(page: str) -> str:
    """The page with everything below the line of the mark made anew."""
    head, mark, rest = page.partition(MARK)
    return f"{head}{mark}{rest.splitlines()[0]}\n\n{write_table()}\n\n## What each one does\n\n{write_texts()}\n"


def write_table() -> str:
    """One row a setting, in the order of the settings file."""
    rows = [
        f"| `{one.path}` | {one.label['ja']} / {one.label['en']} | {say_allowed(one)} | {say_default(one)} |"
        for one in describe()
    ]
    return "\n".join(["| path | label | allowed | default |", "| --- | --- | --- | --- |", *rows])


def say_allowed(setting: Setting) -> str:
    """The values that a setting takes, as far as a table can say it."""
    if setting.kind == "integer":
        unit = f" {setting.unit['en']}" if setting.unit else ""
        return f"{setting.minimum}–{setting.maximum}{unit}"
    kinds = {"boolean": "true, false", "lines": "a list of texts", "tables": "tables", "text": "text"}
    return kinds.get(setting.kind) or ", ".join(setting.choices)


def say_default(setting: Setting) -> str:
    """What a setting is where the file does not say it."""
    if setting.plan_default:
        return setting.plan_default["en"]
    if setting.required:
        return "required"
    if setting.default in ("", []):
        return "none"
    return f"`{str(setting.default).lower() if setting.kind == 'boolean' else setting.default}`"


def write_texts() -> str:
    """What form and difference say of each setting, in both languages."""
    texts = (
        f"- **`{one.path}`** {one.help['en']} {one.effect['en']}<br>{one.help['ja']}{one.effect['ja']}"
        for one in describe()
    )
    return "\n".join(texts).replace("\\", "\\\\")  # a backslash of Markdown


def main() -> int:
    PAGE.write_text(write_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"made {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
