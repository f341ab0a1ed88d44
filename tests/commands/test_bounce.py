"""`cmcdesk bounce …` as it is typed."""

import json
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from cmcdesk.commands.bounce import command
from cmcdesk.processes.paths import mail_db
from cmcdesk.store.desk.database import open_desk, transaction
from cmcdesk.store.maillog.insertion import MailLogWriter, NewMail
from cmcdesk.store.maillog.log import MailLog

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "bounces"
QMAIL = GOLDEN / "qmail-no-host.eml"


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def receive(folder: Path) -> None:
    """The golden mail of qmail, received and read into desk.db."""
    from cmcdesk.bounces.reader import read_next

    writer = MailLogWriter(mail_db(folder))
    facts = (1.0, "pro", 1, 1, "127.0.0.1", "", '[["r@return.example", "bounce"]]', 1, "", "", "")
    writer.append([NewMail(*facts, QMAIL.read_bytes())], [])
    writer.close()
    engine = open_desk(folder)
    with MailLog(mail_db(folder)) as log:
        assert read_next(engine, log) == 1
    engine.dispose()


def test_reading_a_file() -> None:
    found = json.loads(call("read", QMAIL, "--json").stdout)
    assert [one["recipient"] for one in found["failures"]] == ["kyu@nowhere.example", "ju@dest.example"]
    assert [one["cmc_class"] for one in found["failures"]] == [1, 3]
    assert "kyu@nowhere.example" in call("read", QMAIL).stdout


def test_reading_standard_input_and_a_folder() -> None:
    typed = CliRunner().invoke(command, ["read", "-", "--json"], input=QMAIL.read_bytes())
    lines = call("read", "--jsonl", GOLDEN).stdout.splitlines()
    objects = {one["file"]: one for one in map(json.loads, lines)}
    assert json.loads(typed.stdout) == {key: value for key, value in objects[QMAIL.name].items() if key != "file"}
    assert len(objects) == len(list(GOLDEN.iterdir()))


def test_what_cannot_be_read_ends_with_1_and_misuse_with_2(tmp_path: Path) -> None:
    missing = call("read", tmp_path / "none.eml", "--json")
    assert missing.exit_code == 1
    assert json.loads(missing.stdout)["error"]
    assert call("read").exit_code == 2
    assert call("read", QMAIL, "--jsonl", GOLDEN).exit_code == 2


def test_reading_imports_no_orm() -> None:
    asked = "import sys; from cmcdesk.cli import cmcdesk; sys.argv[1:] = ['bounce', 'read', sys.argv[1]]\n"
    asked += "try: cmcdesk()\nexcept SystemExit: print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked, str(QMAIL)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_listing_what_was_received(tmp_path: Path) -> None:
    receive(tmp_path)
    rows = [json.loads(line) for line in call("list", "--json", "--data-dir", tmp_path).stdout.splitlines()]
    assert [row["recipient"] for row in rows] == ["ju@dest.example", "kyu@nowhere.example"]
    shown = call("list", "--status", "1", "--data-dir", tmp_path).stdout
    assert "kyu@nowhere.example" in shown
    assert "ju@dest.example" not in shown


def test_rereading_shows_then_writes(tmp_path: Path) -> None:
    assert "nothing has been received" in call("reread", "--data-dir", tmp_path).stdout
    receive(tmp_path)
    assert "0 mails would change" in call("reread", "--data-dir", tmp_path).stdout
    with transaction(engine := open_desk(tmp_path)) as session:
        session.connection().exec_driver_sql("UPDATE bounce SET error_status = 99 WHERE ordinal = 0")
    engine.dispose()
    shown = call("reread", "--data-dir", tmp_path).stdout
    assert "- kyu@nowhere.example 99" in shown
    assert "+ kyu@nowhere.example 1" in shown
    assert "1 mails read" in call("reread", "--yes", "--data-dir", tmp_path).stdout
    assert "0 mails would change" in call("reread", "--data-dir", tmp_path).stdout


def test_overriding(tmp_path: Path) -> None:
    receive(tmp_path)
    assert call("override", "1", "4", "--data-dir", tmp_path).exit_code == 0
    assert "\t4*\t" in call("list", "--data-dir", tmp_path).stdout
    assert call("override", "1", "--clear", "--data-dir", tmp_path).exit_code == 0
    assert "*" not in call("list", "--data-dir", tmp_path).stdout
    assert call("override", "77", "4", "--data-dir", tmp_path).exit_code == 1
    assert call("override", "1", "12", "--data-dir", tmp_path).exit_code == 2
    assert call("override", "1", "--data-dir", tmp_path).exit_code == 2
