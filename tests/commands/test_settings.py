"""`cmcdesk settings` as it is typed: a real data folder, exit codes, both languages."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cmcdesk.applying import apply, resume
from cmcdesk.commands.settings import command
from cmcdesk.processes.placing import Placing
from cmcdesk.rules.settings import initial_compositions, read_settings_file
from cmcdesk.store.desk.compositions import get_composition, list_compositions
from cmcdesk.store.desk.database import open_desk, reading

SETTINGS = r"""
[[composition]]
name = "pro"
[composition.receiving]
max_sessions = 5
inbound_domains = ["mailform.example.com"]
[[composition.inbound_webhook]]
name = "お問い合わせ"
endpoint = "https://example.com/hook"
api_key = "very secret"
[[composition.inbound_webhook.condition]]
header = "To"
pattern = 'info@mailform\.example\.com'
[[composition]]
name = "shop"
"""


class Terminal:
    """Runs the command on one data folder; other arguments as typed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str, stdin: bytes = b"") -> Result:
        return CliRunner().invoke(command, [*arguments, "--data-dir", str(self.folder)], input=stdin)


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    return Terminal(tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


def test_show_prints_the_saved_settings_without_secrets(terminal: Terminal, file: Path) -> None:
    assert terminal.run("import", str(file)).exit_code == 0
    shown = terminal.run("show", "--composition", "pro")
    assert shown.exit_code == 0
    assert "pro  Updating" in shown.output
    assert "  Max sessions: 5\n" in shown.output
    assert r"    Conditions: To: info@mailform\.example\.com" in shown.output
    assert "secret" not in shown.output
    assert "shop" not in shown.output


def test_the_language_comes_from_the_locale_or_the_option(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "最大接続数: 10" in terminal.run("show", "--lang", "ja").output
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert "最大接続数: 10" in terminal.run("show").output
    monkeypatch.setenv("LC_ALL", "C")
    assert "Max sessions: 10" in terminal.run("show").output


def test_validate_says_all_errors_one_a_line(terminal: Terminal, file: Path) -> None:
    good = terminal.run("validate", str(file))
    assert (good.exit_code, good.output) == (0, "valid settings: pro, shop\n")
    bad = SETTINGS.replace("= 5", "= 500").replace('"shop"', '"a/b"').encode()
    told = terminal.run("validate", "-", stdin=bad)
    assert told.exit_code == 1
    assert [line.split(":")[0] for line in told.stderr.splitlines()] == [
        "composition[0].receiving.max_sessions",
        "composition[1].name",
    ]
    assert terminal.run("validate", "no such file").exit_code == 2
    assert not (terminal.folder / "desk.db").exists()  # a check touches nothing


def test_import_saves_drafts_and_adds_new_ones_at_the_end(terminal: Terminal, file: Path) -> None:
    told = terminal.run("import", str(file))
    assert told.output.splitlines()[:2] == ["pro: saved", "shop (new): saved"]
    with reading(open_desk(terminal.folder)) as session:
        rows = list_compositions(session)
    assert [row.name for row in rows] == ["pro", "sandbox", "transactional-email", "shop"]
    assert (rows[0].draft["receiving"]["max_sessions"], rows[0].applied_number) == (5, None)


def test_import_of_a_bad_file_saves_nothing(terminal: Terminal, file: Path) -> None:
    file.write_text(SETTINGS + '[[composition]]\nname = "other"\nsubdomain = "-"\n', encoding="utf-8")
    told = terminal.run("import", str(file))
    assert told.exit_code == 2
    assert told.stderr.startswith("composition[2].subdomain: ")
    assert "Max sessions: 10" in terminal.run("show", "--composition", "pro").output
    assert "shop" not in terminal.run("show").output


def test_import_refuses_a_subdomain_that_another_has(terminal: Terminal) -> None:
    told = terminal.run("import", "-", stdin=b'[[composition]]\nname = "thief"\nsubdomain = "pro"\n')
    assert (told.exit_code, told.stderr.split(":")[0]) == (2, "composition[0].subdomain")


def test_import_into_another_composition_keeps_its_name_and_subdomain(terminal: Terminal, file: Path) -> None:
    terminal.run("import", str(file))
    masked = terminal.run("export", "--composition", "pro").output
    refused = terminal.run("import", "-", "--composition", "shop", stdin=masked.encode())
    assert refused.exit_code == 2 and "inbound_webhook[0].api_key" in refused.stderr
    exported = terminal.run("export", "--composition", "pro", "--with-secrets").output
    assert terminal.run("import", "-", "--composition", "shop", stdin=exported.encode()).exit_code == 0
    with reading(open_desk(terminal.folder)) as session:
        shop = get_composition(session, "shop").draft
    assert (shop["subdomain"], shop["receiving"]["max_sessions"]) == ("shop", 5)
    assert terminal.run("import", str(file), "--composition", "shop").exit_code == 2  # two in the file
    assert terminal.run("import", "-", "--composition", "nope", stdin=exported.encode()).exit_code == 2
    into_standard = terminal.run("import", "-", "--composition", "sandbox", stdin=exported.encode())
    assert into_standard.exit_code == 2
    assert "is fixed to 10" in into_standard.stderr


def test_export_is_what_import_reads(terminal: Terminal, file: Path, tmp_path: Path) -> None:
    assert read_settings_file(terminal.run("export").output) == initial_compositions()
    terminal.run("import", str(file))
    target = tmp_path / "exported.toml"
    assert terminal.run("export", "--with-secrets", str(target)).exit_code == 0
    exported = {one.name: one for one in read_settings_file(target.read_bytes())}
    assert exported["pro"] == read_settings_file(SETTINGS)[0]
    assert target.stat().st_mode & 0o077 == 0  # it holds secrets
    masked = terminal.run("export").output
    assert "very secret" not in masked and "********" in masked
    assert terminal.run("validate", "-", stdin=masked.encode()).exit_code == 0
    assert terminal.run("import", "-", stdin=masked.encode()).exit_code == 0
    assert terminal.run("export", "--with-secrets").output == target.read_text()
    assert terminal.run("export", str(tmp_path / "nowhere" / "x.toml")).exit_code == 1


def test_diff_says_what_reflecting_would_change(terminal: Terminal, file: Path) -> None:
    resume(open_desk(terminal.folder), lambda _: {"ok": True}, Placing().place)
    assert terminal.run("diff").output == "no changes\n"
    terminal.run("import", str(file))
    told = terminal.run("diff", "--composition", "pro").output
    assert "  Max sessions: 10 → 5\n" in told
    assert "Takes effect for connections made after reflecting" in told
    assert "  Acceptable domains (Inbound): + mailform.example.com\n" in told
    assert "  Inbound notifications: + お問い合わせ\n" in told
    assert "secret" not in told


def test_history_and_rollback(terminal: Terminal, file: Path) -> None:
    assert terminal.run("history", "--composition", "pro").output == "pro\n  (none)\n"
    engine = open_desk(terminal.folder)
    resume(engine, lambda _: {"ok": True}, Placing().place)
    terminal.run("import", str(file))
    apply(engine, "pro", lambda _: {"ok": True}, Placing().place)
    lines = terminal.run("history", "--composition", "pro").output.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["*", "2"], ["1", lines[2].split()[1]]]
    assert lines[1].endswith("applied")
    assert terminal.run("rollback", "1").exit_code == 2  # of which composition?
    assert terminal.run("rollback", "7", "--composition", "pro").exit_code == 1
    assert terminal.run("rollback", "1", "--composition", "pro").exit_code == 0
    assert "Max sessions: 5 → 10" in terminal.run("diff", "--composition", "pro").output


def test_apply_without_a_running_console_says_so(terminal: Terminal) -> None:
    told = terminal.run("apply")
    assert told.exit_code == 1
    assert "not running" in told.stderr
    resume(open_desk(terminal.folder), lambda _: {"ok": True}, Placing().place)
    assert terminal.run("apply").output == "nothing to apply\n"


def test_an_unknown_composition_is_misuse(terminal: Terminal) -> None:
    told = terminal.run("show", "--composition", "nope")
    assert told.exit_code == 2
    assert "there is pro, sandbox, transactional-email" in told.stderr


def test_a_file_that_is_no_desk_db_is_told_and_kept(terminal: Terminal) -> None:
    (terminal.folder / "desk.db").write_bytes(b"something else" * 100)
    told = terminal.run("show")
    assert told.exit_code == 1
    assert "left untouched" in told.stderr
    assert (terminal.folder / "desk.db").read_bytes() == b"something else" * 100


def test_numbers_have_their_units(terminal: Terminal) -> None:
    told = terminal.run("show", "--composition", "pro").output
    assert "  Receiving interval: 100 ms\n" in told and "  Receiving size limit: 10240 KByte\n" in told


def test_validate_warns_of_a_pattern_that_may_run_for_ever(terminal: Terminal, file: Path) -> None:
    file.write_text(SETTINGS.replace(r"info@mailform\.example\.com", "(a+)+$"), "utf-8")
    done = terminal.run("validate", str(file))
    assert done.exit_code == 0 and "valid settings" in done.stdout
    assert "condition[0].pattern: Warning: “(a+)+” can repeat itself in endless ways" in done.stderr
    assert "注意" in terminal.run("validate", str(file), "--lang", "ja").stderr
