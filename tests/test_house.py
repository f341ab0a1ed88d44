"""The house tests itself: floors, sizes, mirrors, types, style, package data, and words that do not belong here."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import UnionType

import pytest

ROOT = Path(__file__).resolve().parent.parent
LARGEST_FILE = 300  # lines
#: Tables and protocol classes, which would not be clearer in two files.
LARGEST_WHOLE = 400
WHOLE = {
    *("cmcdesk/mailserver/connection.py", "cmcdesk/mailserver/session.py", "cmcdesk/pipe.py"),
    "cmcdesk/store/desk/models.py",
}
LARGEST_FUNCTION = 50
MOST_PARAMETERS = 5
SOURCES = ("cmcdesk", "simulator")

#: Source file with code, or folder of such files → the test file that tests it in place of a mirror. What has got its
#: mirror must leave this table.
TESTED_ELSEWHERE: dict[str, str] = {
    "cmcdesk/__main__.py": "tests/test_cli.py",
    "cmcdesk/mailserver/__main__.py": "tests/commands/test_serve.py",
    "cmcdesk/worker.py": "tests/webhook/test_worker.py",
}

#: Decorators whose functions get their parameters from somebody else's call.
FOREIGN_CALLERS = re.compile(r"(click|[a-z_]+)\.(command|option|argument|group)")
#: aiosmtpd calls these with what it wants.
FOREIGN_HOOKS = ("handle_", "smtp_")

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tracked_files() -> tuple[str, ...]:
    """Everything that belongs to the repository, as it is in the folder now, new files included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return tuple(sorted(path for path in listed if (ROOT / path).is_file()))


def python_files(*folders: str) -> list[str]:
    return [
        path for path in tracked_files() if path.endswith(".py") and path.startswith(tuple(f"{f}/" for f in folders))
    ]


def parse(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), path)


def has_code(path: str) -> bool:
    """Whether the file decides anything: a function whose body is more than a docstring."""
    functions = [node for node in ast.walk(parse(path)) if isinstance(node, FunctionNode)]
    return any(len(node.body) > 1 or not isinstance(node.body[0], ast.Expr) for node in functions)


def mirror_of(path: str) -> str:
    """cmcdesk/mail/bounce/reader.py → tests/mail/bounce/test_reader.py; simulator likewise, below tests/simulator."""
    inner = Path(path).relative_to("cmcdesk") if path.startswith("cmcdesk/") else Path(path)
    name = inner.parent.name if inner.name == "__init__.py" else inner.stem.strip("_")
    return str(Path("tests", inner.parent, f"test_{name}.py"))


def run(*command: str) -> None:
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


def test_imports_keep_to_the_floors() -> None:
    run("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")


def test_every_room_has_a_floor() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = {name.strip() for layer in contracts[0]["layers"] for name in layer.split("|")}
    rooms = {f"cmcdesk.{path.name.removesuffix('.py')}" for path in (ROOT / "cmcdesk").iterdir() if is_room(path)}
    assert rooms - named == set() and named - rooms <= {"cmcdesk.__main__"}


def is_room(path: Path) -> bool:
    return path.name[0] != "_" and (path.suffix == ".py" or any(path.rglob("*.py")))


def module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def list_imports() -> dict[str, set[str]]:
    """Module → the modules of this repository that it imports: anywhere in it, for types alone too."""
    modules = {module_of(path): path for path in python_files(*SOURCES)}
    imports: dict[str, set[str]] = {}
    for module, path in modules.items():
        named = set()
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Import):
                named |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                inner = {f"{node.module}.{alias.name}" for alias in node.names} & set(modules)
                named |= inner or {node.module}
        imports[module] = named & set(modules)
    return imports


def test_no_import_goes_in_a_circle() -> None:
    try:
        tuple(TopologicalSorter(list_imports()).static_order())
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_there_are_few_modules_for_what_they_hold() -> None:
    """At most 8 modules for 1,000 lines. The empty `__init__.py` that Python wants in each folder open nothing to a
    reader and are left out; with them it is at most 9."""
    lengths = [len((ROOT / path).read_text("utf-8").splitlines()) for path in python_files(*SOURCES)]
    full = [length for length in lengths if length]
    assert len(full) * 1000 / sum(full) <= 8, f"{len(full)} modules, {sum(full)} lines"
    assert len(lengths) * 1000 / sum(lengths) <= 9, f"{len(lengths)} modules with empty ones"


#: What calls a function by its place: a path of the console, a word of the command line. Such functions are named
#: within their page or command (`show`, `remove`), and the same word may stand in another.
CALLED_BY_PLACE = re.compile(r"\w+\.(get|post|put|delete|route|errorhandler|command)\(|click\.(command|group)\(")


def list_names(kind: type[ast.stmt] | UnionType) -> dict[str, list[str]]:
    """Name → where it is defined on the first level of a module of cmcdesk; private names and `main` are not asked."""
    places: dict[str, list[str]] = {}
    for path in (path for path in python_files("cmcdesk") if "/migrations/" not in path):
        for node in parse(path).body:
            if isinstance(node, kind) and isinstance(node, FunctionNode | ast.ClassDef) and is_asked(node):
                places.setdefault(node.name, []).append(f"{path}:{node.lineno}")
    return places


def is_asked(node: FunctionNode | ast.ClassDef) -> bool:
    called = any(CALLED_BY_PLACE.match(ast.unparse(decorator)) for decorator in node.decorator_list)
    overloaded = "overload" in map(ast.unparse, node.decorator_list)
    return not (called or overloaded or node.name.startswith("_") or node.name == "main")


@pytest.mark.parametrize("kind", [ast.ClassDef, FunctionNode], ids=["class", "function"])
def test_one_name_means_one_thing(kind: type[ast.stmt] | UnionType) -> None:
    assert {name: places for name, places in list_names(kind).items() if len(places) > 1} == {}


#: Section of docs/flow.md → how many files one must open to follow it: a mail from socket to disk, a bounce from the
#: worker's tick to its rows.
LONGEST_WAYS = {"A mail": 15, "A bounce": 10}


def list_way(section: str) -> list[str]:
    """The files that the tables of a section name, in their order."""
    text = (ROOT / "docs" / "flow.md").read_text("utf-8")
    inside = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    rows = "\n".join(line for line in inside.splitlines() if line.startswith("|"))
    return list(dict.fromkeys(re.findall(r"`(cmcdesk/[\w/]+\.py): ", rows)))


@pytest.mark.parametrize("section", LONGEST_WAYS)
def test_few_files_tell_the_whole_way(section: str) -> None:
    """The tables of docs/flow.md count them, and leave out no step between: these files hang together by imports."""
    way = list_way(section)
    modules = {module_of(path) for path in way}
    pairs = [(module, other) for module, named in list_imports().items() if module in modules for other in named]
    together = {module_of(way[0])}
    for _ in way:
        together |= {end for pair in pairs if together & set(pair) for end in pair} & modules
    assert modules - together == set()
    assert len(way) <= LONGEST_WAYS[section]


WIDEST_TEMPLATE = 160  # columns


def test_no_template_is_too_wide() -> None:
    pages = [path for path in tracked_files() if path.startswith(SOURCES) and path.endswith(".html")]
    wide = [
        f"{path}:{number}: {len(line)}"
        for path in pages
        for number, line in enumerate((ROOT / path).read_text("utf-8").splitlines(), 1)
        if len(line) > WIDEST_TEMPLATE
    ]
    assert pages and wide == []


def test_ruff_finds_nothing() -> None:
    run("-m", "ruff", "check", "-q", ".")


def test_ruff_would_format_nothing() -> None:
    run("-m", "ruff", "format", "-q", "--check", ".")


def test_mypy_strict_finds_nothing() -> None:
    run("-m", "mypy")
    run("-m", "mypy", "packaging/dev/torture")


def test_no_file_is_too_long() -> None:
    lengths = {path: len((ROOT / path).read_text("utf-8").splitlines()) for path in python_files(*SOURCES, "packaging")}
    limits = {path: LARGEST_WHOLE if path in WHOLE else LARGEST_FILE for path in lengths}
    assert {path: length for path, length in lengths.items() if length > limits[path]} == {}
    assert {path for path in WHOLE if lengths[path] <= LARGEST_FILE} == set(), "these need no exception any more"


def test_no_function_is_too_long_or_takes_too_much() -> None:
    faults = []
    for path in (path for path in python_files(*SOURCES, "packaging") if "/migrations/versions/" not in path):
        for node in ast.walk(parse(path)):
            if isinstance(node, FunctionNode):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > LARGEST_FUNCTION:
                    faults.append(f"{path}:{node.lineno} {node.name}: {length} lines")
                if count_parameters(node) > MOST_PARAMETERS and not has_foreign_caller(node):
                    faults.append(f"{path}:{node.lineno} {node.name}: {count_parameters(node)} parameters")
    assert faults == []


def count_parameters(node: FunctionNode) -> int:
    """Without self and cls; *args and **kwargs count as one each."""
    given = node.args
    names = [argument.arg for argument in [*given.posonlyargs, *given.args, *given.kwonlyargs]]
    names += [extra.arg for extra in (given.vararg, given.kwarg) if extra]
    return sum(name not in ("self", "cls") for name in names)


def has_foreign_caller(node: FunctionNode) -> bool:
    decorated = any(FOREIGN_CALLERS.match(ast.unparse(decorator)) for decorator in node.decorator_list)
    return decorated or node.name.startswith(FOREIGN_HOOKS)


def test_every_source_file_with_code_has_its_test_file() -> None:
    expected = [path for path in python_files(*SOURCES) if has_code(path) and "/versions/" not in path]
    missing = {path: mirror_of(path) for path in expected if not (ROOT / mirror_of(path)).exists()}
    excused = {path: place for path in missing for place in (path, str(Path(path).parent)) if place in TESTED_ELSEWHERE}
    assert {path: test for path, test in missing.items() if path not in excused} == {}
    assert set(TESTED_ELSEWHERE) - set(excused.values()) == set(), "these have their tests now, or are gone"
    assert [test for test in TESTED_ELSEWHERE.values() if not (ROOT / test).exists()] == []


def is_within_a_transaction(node: ast.AST) -> bool:
    """A block that opens one, or a function that is given its session."""
    if isinstance(node, ast.With):
        return any(ast.unparse(item.context_expr).startswith("transaction(") for item in node.items)
    return isinstance(node, FunctionNode) and any(argument.arg == "session" for argument in node.args.args)


def test_nobody_is_told_of_what_is_not_committed_yet() -> None:
    """A page or the worker that looks at once would not find it, and is not told again."""
    told = {
        f"{path}:{call.lineno}"
        for path in python_files("cmcdesk/console")
        for node in ast.walk(parse(path))
        if is_within_a_transaction(node)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith((".publish", ".wake_worker"))
    }
    assert told == set()


def test_every_public_function_and_class_is_explained() -> None:
    faults = [
        f"{path}:{node.lineno} {node.name}"
        for path in python_files(*SOURCES)
        if "/migrations/" not in path  # alembic calls them
        for node in parse(path).body
        if isinstance(node, FunctionNode | ast.ClassDef) and not node.name.startswith("_") and node.name != "main"
        if ast.get_docstring(node) is None and "overload" not in map(ast.unparse, node.decorator_list)
    ]
    assert faults == []


def test_every_module_says_what_it_is() -> None:
    files = [path for path in python_files(*SOURCES, "packaging") if parse(path).body]
    assert [path for path in files if not ast.get_docstring(parse(path))] == []


#: Where one process, room or edge speaks to another: what goes over is typed. Beside: what is no message.
BORDERS = (
    *("cmcdesk/pipe.py", "cmcdesk/worker.py", "cmcdesk/applying/", "cmcdesk/mailserver/", "cmcdesk/processes/"),
    *("cmcdesk/store/", "cmcdesk/webhook/", "cmcdesk/bounces/", "cmcdesk/outbound/"),
)
API = re.compile(r"cmcdesk/console/\w+/(api_\w+|\w+_(api|views|shapes))\.py")
UNTYPED = re.compile(r"\b(dict|Mapping)\[str, Any\]")
NO_MESSAGES = {
    "cmcdesk/mailserver/connection.py": "aiosmtpd's own tables",
    "cmcdesk/console/frame/api_part.py": "the OpenAPI document",
    "cmcdesk/console/journey/journey_views.py": "what the simulated world tells",
}


def test_what_goes_between_processes_out_of_the_store_and_over_the_api_is_typed() -> None:
    files = [path for path in python_files("cmcdesk") if path.startswith(BORDERS) or API.fullmatch(path)]
    found = {path for path in files if UNTYPED.search((ROOT / path).read_text("utf-8"))}
    assert found == set(NO_MESSAGES)


#: Names that would say nothing (or everything).
EMPTY_NAMES = {"manager", "helper", "helpers", "utils", "util", "base", "common", "process", "info", "misc"}


def test_no_module_has_an_empty_name() -> None:
    words = {path: set(re.split(r"[/_.]", path)) & EMPTY_NAMES for path in python_files(*SOURCES)}
    assert {path: empty for path, empty in words.items() if empty} == {}


#: Where Japanese stands in the code, for it is data and no text that a page shows: file or folder → what it is.
JAPANESE_DATA = {
    "cmcdesk/mail/bounce/": "what notices of bounces say",
    "cmcdesk/mail/mime/guess.py": "letters by which a charset is guessed",
    "cmcdesk/rules/runaway.py": "letters that patterns are tried on",
    "cmcdesk/store/search/entry.py": "letters that are searched as one",
    "cmcdesk/console/frame/spreadsheet.py": "signs with which a formula begins",
    "cmcdesk/console/webhook/trials_page.py": "a mail for a test, in both languages",
}
JAPANESE = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uff01-\uff60]")


def test_japanese_stands_in_catalogues_and_data_alone() -> None:
    found = [f"{path}:{line}: {text[:60]!r}" for path in python_files("cmcdesk") for line, text in list_strings(path)]
    excused = {place for each in found for place in JAPANESE_DATA if each.startswith(place)}
    assert [each for each in found if not each.startswith(tuple(JAPANESE_DATA))] == []
    assert set(JAPANESE_DATA) - excused == set(), "these hold no Japanese now"
    pages = [path for path in tracked_files() if re.search(r"^cmcdesk/.*\.(html|js)$", path) and "/vendor/" not in path]
    letters = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]")
    assert [path for path in pages if letters.search((ROOT / path).read_text("utf-8"))] == []


def list_strings(path: str) -> list[tuple[int, str]]:
    """(line, text) of the string literals with Japanese in them; a docstring is none."""
    nodes = list(ast.walk(parse(path)))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    constants = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in docstrings]
    return [
        (each.lineno, each.value) for each in constants if isinstance(each.value, str) and JAPANESE.search(each.value)
    ]


#: What would speak of the machine or the people it was made on; written in pieces, so that this file passes itself.
FOREIGN_WORDS = [
    r"/" + r"work/(?!flows)",
    r"/" + r"root/",
    r"/opt/" + r"(wheels|pypi)",
    r"\bissues " + r"show\b",
    r"\bissue " + r"#?\d",
    r"(?i)\bclau" + r"de\b",
    r"(?i)\banthro" + r"pic\b",
    r"(?i)\bsub-?" + r"agents?\b",
    r"(?i)\bother " + r"owners?\b",
]
NOT_OUR_WORDS = re.compile(r"/(vendor|golden)/|package-lock\.json$|\.(png|ico|mo|woff2?)$")


@pytest.mark.parametrize("word", FOREIGN_WORDS)
def test_the_repository_speaks_of_itself_alone(word: str) -> None:
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in tracked_files()
        if not NOT_OUR_WORDS.search(path)
        for number, line in enumerate((ROOT / path).read_text("utf-8", errors="replace").splitlines(), 1)
        if re.search(word, line)
    ]
    assert found == []


def test_lock_files_name_no_place_of_their_own() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / "packaging" / name).read_text()
        assert not re.search(r"://|^\s*--(?!hash=)|^\s*-[a-z]", text, re.MULTILINE), name


def test_the_dev_lock_holds_every_pin_of_the_base_lock() -> None:
    pins = [
        set(re.findall(r"^[\w.\-]+==\S+", (ROOT / "packaging" / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    ]
    assert pins[0] - pins[1] == set()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_files_cover_what_pyproject_asks_for(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = project["dependencies"] + (extras["desktop"] + extras["dev"] if "dev" in name else [])
    pinned = {
        normal(pin) for pin in re.findall(r"^([\w.\-]+)==", (ROOT / "packaging" / name).read_text(), re.MULTILINE)
    }
    assert {normal(re.match(r"[\w.\-]+", line)[0]) for line in asked} - pinned == set()  # type: ignore[index]


def normal(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_a_built_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for path in tracked_files():
        if path.startswith((*(f"{name}/" for name in SOURCES), "pyproject.toml", "README.md", "LICENSE")):
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, source / path)
    code = "import sys; from setuptools.build_meta import build_wheel; print(build_wheel(sys.argv[1]))"
    built = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=source, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(tmp_path / built.stdout.splitlines()[-1]) as wheel:
        packed = set(wheel.namelist())
        points = wheel.read(next(name for name in packed if name.endswith("/entry_points.txt"))).decode()
    assert "[pytest11]\ncmcdesk = cmcdesk.testing.plugin" in points and "cmcsim = " in points
    assert {path for path in tracked_files() if path.startswith(("cmcdesk/", "simulator/"))} - packed == set()


def test_no_checkout_changes_the_octets_that_tests_and_checksums_count() -> None:
    counted = [path for path in tracked_files() if path.startswith("tests/golden/") or "/vendor/" in path]
    assert len(counted) > 100
    command = ["git", "check-attr", "text", "--", *counted]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line for line in told if not line.endswith("text: unset")] == []
