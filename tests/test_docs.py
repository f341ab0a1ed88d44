"""The documentation tells what is there: links, files, functions, commands, settings. Its Japanese is no summary."""

import ast
import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import click
import pytest

from cmcdesk import __version__
from cmcdesk.cli import cmcdesk as desk_command
from cmcdesk.rules.settings import describe, read_settings_file
from simulator.cli import main as simulator_command

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob(".github/**/*.md"))
)
PROGRAMS = {"cmcdesk": desk_command, "cmcsim": simulator_command}

LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
#: A path below one of the repository's folders, perhaps with names in that file: `cmcdesk/mail/x.py: read_x, Y.z`.
PLACE = re.compile(r"((?:cmcdesk|simulator|tests|packaging|docs|\.github|\.ci)/[\w./*-]+)(?:: ([\w., ]+))?")
#: What stands for a name that the reader chooses, or is made by what the page describes.
NOT_THERE = re.compile(r"NAME|^packaging/vendor/node_modules")


@cache
def read_page(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def list_spans(page: str) -> Iterator[str]:
    """All `code` of a page outside of its blocks."""
    yield from CODE.findall(FENCE.sub("", read_page(page)))


def name_anchor(heading: str) -> str:
    """As GitHub names headings: "Its own API" → its-own-api."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def list_headings(page: str) -> list[tuple[int, str]]:
    """(level, words) of each."""
    found = re.findall(r"^(#+) (.+)$", FENCE.sub("", read_page(page)), re.MULTILINE)
    return [(len(marks), words) for marks, words in found]


def list_links(page: str) -> list[str]:
    """Those within the repository."""
    return [target for target in LINK.findall(FENCE.sub("", read_page(page))) if "://" not in target]


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    for target in list_links(name):
        path, _, anchor = target.partition("#")
        there = (ROOT / name).parent / path if path else ROOT / name
        assert there.resolve().is_relative_to(ROOT) and there.exists(), target
        if anchor:
            anchors = [name_anchor(words) for _, words in list_headings(there.resolve().relative_to(ROOT).as_posix())]
            assert anchor in anchors, target


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_is_named_is_there(name: str) -> None:
    places = [place[1] for span in list_spans(name) if (place := PLACE.fullmatch(span))]
    assert [place for place in places if not NOT_THERE.search(place) and not list(ROOT.glob(place.rstrip("/")))] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_module_that_is_named_without_its_folder_is_somewhere(name: str) -> None:
    named = {span for span in list_spans(name) if re.fullmatch(r"\w+\.(py|html|css|js)", span)}
    assert [module for module in sorted(named) if not any(ROOT.glob(f"[!.]*/**/{module}"))] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_function_that_is_named_is_in_its_file(name: str) -> None:
    named = [(place[1], place[2]) for span in list_spans(name) if (place := PLACE.fullmatch(span)) and place[2]]
    missing = [(path, name) for path, names in named for name in set(names.split(", ")) - list_names(path)]
    assert missing == []


def test_the_flow_names_functions() -> None:
    assert sum(": " in span for span in list_spans("docs/flow.md") if PLACE.fullmatch(span)) > 40


@cache
def list_names(path: str) -> set[str]:
    """Functions and classes of a file, and methods as Class.method."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = {node.name for node in tree.body if isinstance(node, kinds)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, kinds)}
    return found


def list_commands(program: str) -> list[str]:
    """`cmcdesk mail dump` and so on: every command that does something."""
    return list(_list_leaves(PROGRAMS[program], program))


def _list_leaves(group: click.Command, said: str) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context) if isinstance(group, click.Group) else ():
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _list_leaves(command, f"{said} {name}")
        else:
            yield f"{said} {name}"


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_command_is_explained(program: str) -> None:
    known = list_commands(program)
    assert len(known) > 5
    spans = set(list_spans("docs/commands.md"))
    assert [command for command in known if command not in spans] == []


def list_calls(page: str) -> Iterator[str]:
    """What a page says to type, of both programs, without comments and what stands before them."""
    blocks = "\n".join(FENCE.findall(read_page(page))).replace("\\\n", " ").splitlines()
    for said in [*list_spans(page), *blocks]:
        call = re.match(r"(?:\.venv/bin/)?((?:cmcdesk|cmcsim)(?: [^#]*)?)(?:#.*)?$", said.strip())
        if call and "│" not in said:
            yield call[1].strip()


@pytest.mark.parametrize("name", PAGES)
def test_every_call_is_one_that_can_be_made(name: str) -> None:
    wrong = {call: fault for call in list_calls(name) if (fault := find_fault(call.split()))}
    assert wrong == {}


def find_fault(words: list[str]) -> str:
    """What of a call there is not: its command, or an option. "" for a good one."""
    if words[:2] == ["cmcdesk", "simulator"]:  # its commands are those of the other program
        words = ["cmcsim", *words[2:]]
    command: click.Command = PROGRAMS[words[0]]
    rest = words[1:]
    while isinstance(command, click.Group) and rest and re.fullmatch(r"[a-z-]+", rest[0]) and rest[0][0] != "-":
        inner = command.get_command(click.Context(command), rest[0])
        if inner is None:
            return f"no command {rest[0]}"
        command, rest = inner, rest[1:]
    known = {"--help", *(spelled for each in command.params for spelled in [*each.opts, *each.secondary_opts])}
    return " ".join(sorted({word for word in rest if word.startswith("--")} - known))


@pytest.mark.parametrize("name", PAGES)
def test_what_developers_are_told_to_run_is_there(name: str) -> None:
    known = set(re.findall(r'^    "(\w+)": \w+,$', (ROOT / "packaging" / "dev.py").read_text(), re.MULTILINE))
    assert "demo" in known
    assert set(re.findall(r"python3 packaging/dev\.py (\w+)", read_page(name))) <= known
    started = re.findall(r"(?:python3?|^) (packaging/dev/\w+\.py)", read_page(name))
    assert [path for path in started if not (ROOT / path).exists()] == []


def load_settings_page() -> ModuleType:
    spec = importlib.util.spec_from_file_location("settings_page", ROOT / "packaging" / "dev" / "settings_page.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tables_of_the_settings_are_fresh() -> None:
    page = read_page("docs/settings.md")
    assert load_settings_page().write_page(page) == page, "python3 packaging/dev.py docs"


def test_every_setting_is_explained() -> None:
    spans = set(list_spans("docs/settings.md"))
    assert [setting.path for setting in describe() if setting.path not in spans] == []


def test_the_example_of_a_settings_file_is_one() -> None:
    example = re.findall(r"^```toml\n(.*?)^```", read_page("docs/settings.md"), re.MULTILINE | re.DOTALL)
    [composition] = read_settings_file(example[0])
    assert composition.name == "pro" and composition.inbound_webhook[0].name == "contact form"
    used = {setting.path.split(".")[-1] for setting in describe() if setting.path.count("[]") < 2}
    assert sorted(used - set(re.findall(r"\w+", example[0]))) == []


def test_every_page_of_the_documentation_can_be_found() -> None:
    for index, folder in (("docs/README.md", "docs"), ("docs/decisions/README.md", "docs/decisions")):
        linked = {((ROOT / index).parent / target.partition("#")[0]).resolve() for target in list_links(index)}
        pages = {path for path in (ROOT / folder).glob("*.md") if path.name != "README.md"}
        assert {path.name for path in pages - linked} == set(), index


def test_the_japanese_readme_is_no_summary() -> None:
    english, japanese = read_page("README.md"), read_page("README.ja.md")
    assert [level for level, _ in list_headings("README.ja.md")] == [level for level, _ in list_headings("README.md")]
    links = [set(list_links(page)) - {"README.md", "README.ja.md"} for page in ("README.md", "README.ja.md")]
    assert links[0] == links[1] and len(links[0]) > 15
    assert sorted(CODE.findall(japanese)) == sorted(CODE.findall(english))
    assert len(re.findall(r"^\d\. |^\| ", japanese, re.MULTILINE)) == len(
        re.findall(r"^\d\. |^\| ", english, re.MULTILINE)
    )


def test_the_changelog_begins_with_this_version() -> None:
    sections = re.findall(r"^## (\S+)", read_page("CHANGELOG.md"), re.MULTILINE)
    assert next(each for each in sections if each != "Unreleased") == __version__
    assert f'\nversion = "{__version__}"\n' in (ROOT / "pyproject.toml").read_text()
