"""Bring the catalogues up to date with the code: new texts in, unused ones out, compiled; say what has no translation.

Usage: dev.py translate [NEW_LANGUAGE …]. Then edit
`cmcdesk/translations/LANGUAGE/LC_MESSAGES/messages.po` and run it again.
"""

import ast
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from cmcdesk.cli import fold
from cmcdesk.rules.texts import DOMAIN, FOLDER, SOURCE_LANGUAGE
from cmcdesk.rules.training import list_texts
from simulator import help as simulator_help

#: Package → where its catalogues are. The simulator shares nothing with cmcdesk.
PACKAGES = {FOLDER.parent: FOLDER, simulator_help.FOLDER.parent: simulator_help.FOLDER}
#: Functions (or methods) whose call names a text, and which of their arguments it is; of About and its like all are.
CALLS = {"_": 0, "gettext": 0, "N_": 0, "tell": 0, "say": 0, "in_locale": 0, "translate": 1}
TABLES = ("About",)
#: What a decorator's last name must be for the docstring below it to be shown: commands, and operations of the API.
COMMANDS = ("command", "group")
OPERATIONS = ("get", "post", "put", "patch", "delete")

#: What click says by itself to those who use our commands; what it says to programmers comes along.
CLICK = ("core.py", "decorators.py", "exceptions.py", "formatting.py", "parser.py", "types.py")

#: A compiled catalogue carries a date: the same texts make the same file.
EVERY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
#: Lessons that come with a package: what stands there in one language is in the catalogue in the others.
LESSONS = "console/lessons/shipped/*.toml"

Text = str | tuple[str, str]  # a singular and its plural


def gather(package: Path) -> dict[Text, str]:
    """Every text of a package, of its lessons and of click, in the order of the files → the file where it is first."""
    found: dict[Text, str] = {}
    clicks = Path(click.__file__).parent
    for path in [*sorted(package.rglob("*.py")), *(clicks / name for name in CLICK)]:
        for text in gather_python(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(text, str(path))
    for path in sorted(package.glob(LESSONS)):
        for text in list_texts(path.read_bytes()):
            found.setdefault(text, str(path))
    pages = extract_from_dir(
        package, [("**/templates/**.html", "jinja2")], keywords={"_": None, "gettext": None, "ngettext": (1, 2)}
    )
    for file, _line, text, _comments, _context in pages:
        found.setdefault(text if isinstance(text, str) else (text[0], text[1]), str(package / file))
    return found


def gather_python(tree: ast.Module) -> Iterator[Text]:
    """The texts of one module: arguments of the calls above, help of options, docstrings that are shown."""
    blueprints = _list_blueprints(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _texts_of_call(node)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            shown = ast.get_docstring(node) or ""
            decorators = [_name(each.func) for each in node.decorator_list if isinstance(each, ast.Call)]
            if shown and set(decorators) & set(COMMANDS):
                yield fold(shown)
            elif shown and any(_is_operation(each, blueprints) for each in node.decorator_list):
                yield shown.splitlines()[0]


def _texts_of_call(call: ast.Call) -> Iterator[Text]:
    name = _name(call.func)
    if name == "ngettext":
        yield _text(call.args[0]), _text(call.args[1])
    elif name in TABLES:
        yield from filter(None, map(_text, [*call.args, *(each.value for each in call.keywords)]))
    elif name in CALLS and len(call.args) > CALLS[name]:
        yield from filter(None, [_text(call.args[CALLS[name]])])
    elif name in ("option", *COMMANDS):
        yield from (fold(_text(each.value)) for each in call.keywords if each.arg == "help" and _text(each.value))


def _list_blueprints(tree: ast.Module) -> set[str]:
    """The names under which a module has parts of the API; `app` is the OpenAPI application itself."""
    made = [node for node in ast.walk(tree) if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)]
    return {_name(node.targets[0]) for node in made if _name(node.value.func) == "ApiPart"} | {"app"}  # type: ignore[attr-defined]


def _is_operation(decorator: ast.expr, blueprints: set[str]) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Attribute) and called.attr in OPERATIONS and _name(called.value) in blueprints


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def list_catalogues(folder: Path) -> dict[str, Path]:
    """Language → its .po."""
    return {path.parts[-3]: path for path in sorted(folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))}


def read_catalogue(language: str, path: Path) -> Catalog:
    """As it is written."""
    with path.open("rb") as file:
        return read_po(file, locale=language)


def bring_up_to_date(language: str, path: Path, used: dict[Text, str]) -> list[str]:
    """Write and compile one catalogue with these texts and no others → those without a translation."""
    old = read_catalogue(language, path) if path.exists() else Catalog(language)
    new = Catalog(language, header_comment="", fuzzy=False)
    for text in used:
        kept = old.get(text if isinstance(text, str) else text[0])
        new.add(text, kept.string if kept and not kept.fuzzy else None)
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
    head += f'"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {new.plural_forms}\\n"\n\n'
    with path.open("wb") as file:
        file.write(head.encode())
        write_po(file, new, width=120, no_location=True, omit_header=True, sort_output=True)
    with path.with_suffix(".mo").open("wb") as file:
        compiled = read_catalogue(language, path)
        compiled.creation_date = EVERY_TIME
        write_mo(file, compiled)
    return [str(message.id) for message in new if message.id and not is_whole(message)]


def is_whole(message: Message) -> bool:
    """Whether all of it is translated, and by a person."""
    string = message.string
    return bool(string) and (isinstance(string, str) or all(string)) and not message.fuzzy


def main() -> int:
    """1 where a text has no translation."""
    is_whole_now = True
    for package, folder in PACKAGES.items():
        used = gather(package)
        begun = {code: folder / code / "LC_MESSAGES" / f"{DOMAIN}.po" for code in sys.argv[1:]}
        paths = begun | list_catalogues(folder)
        paths.pop(SOURCE_LANGUAGE, None)
        for language, path in paths.items():
            left = bring_up_to_date(language, path, used)
            print(f"{package.name} {language}: {len(used)} texts, {len(left)} untranslated")
            print("".join(f"  {text!r}\n" for text in left), end="")
            is_whole_now = is_whole_now and not left
    return 0 if is_whole_now else 1


if __name__ == "__main__":
    sys.exit(main())
