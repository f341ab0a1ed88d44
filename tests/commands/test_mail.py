import base64
import json
import subprocess
import sys
from pathlib import Path

from cmcdesk.store.desk.database import open_desk, transaction
from cmcdesk.store.desk.set_aside import add_strike
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.log import MailLog
from tests.store.maillog.test_insertion import mail


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "cmcdesk", "mail", *arguments, "--data-dir", str(folder)]
    return subprocess.run(command, capture_output=True, timeout=30)


def fill(folder: Path) -> None:
    writer = MailLogWriter(folder / "mail.db")
    octets = [b"Subject: one\r\n\r\n\xff\x00\r\n", "Subject: two\r\n\r\n日本\r\n".encode()]
    writer.append([mail(f"s{number}", octets=one) for number, one in enumerate(octets)], [])
    writer.close()


def test_count_is_one_bare_integer(tmp_path: Path) -> None:
    assert run(tmp_path, "list", "--count").stdout == b"0\n"
    fill(tmp_path)
    assert run(tmp_path, "list", "--count").stdout == b"2\n"


def test_list_is_newest_first(tmp_path: Path) -> None:
    fill(tmp_path)
    lines = [json.loads(line) for line in run(tmp_path, "list", "--json").stdout.splitlines()]
    assert [line["subject"] for line in lines] == ["s1", "s0"]
    assert b"<b@return.example.com>" in run(tmp_path, "list").stdout


def test_raw_is_octet_for_octet(tmp_path: Path) -> None:
    fill(tmp_path)
    assert run(tmp_path, "raw", "1").stdout == b"Subject: one\r\n\r\n\xff\x00\r\n"
    missing = run(tmp_path, "raw", "9")
    assert (missing.returncode, missing.stdout) == (1, b"")
    assert b"no mail 9" in missing.stderr


def test_show_reads_the_mail(tmp_path: Path) -> None:
    fill(tmp_path)
    shown = json.loads(run(tmp_path, "show", "2").stdout)
    assert shown["message"]["subject"] == "two"
    assert shown["message"]["text"].strip() == "日本"


def test_dump_is_a_list_of_base64(tmp_path: Path) -> None:
    assert json.loads(run(tmp_path, "dump").stdout) == []
    fill(tmp_path)
    dumped = [base64.b64decode(one) for one in json.loads(run(tmp_path, "dump").stdout)]
    assert [one[:12] for one in dumped] == [b"Subject: one", b"Subject: two"]
    found = json.loads(run(tmp_path, "dump", "--containing", "日本").stdout)
    assert len(found) == 1


def test_dump_imports_no_orm_and_no_web() -> None:
    check = "import sys, cmcdesk.commands.mail; assert not {'sqlalchemy', 'flask', 'pydantic'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True, timeout=30)


def test_misuse_is_exit_2(tmp_path: Path) -> None:
    assert run(tmp_path, "raw", "x").returncode == 2


def test_a_long_list_of_recipients_is_cut_in_a_line_and_whole_in_json(tmp_path: Path) -> None:
    writer = MailLogWriter(tmp_path / "mail.db")
    one = mail("many")
    one.recipients = json.dumps([[f"r{number}@return.example.com", "bounce"] for number in range(1000)])
    writer.append([one], [])
    writer.close()
    line = run(tmp_path, "list").stdout.decode()
    assert "<r0@return.example.com> <r1@return.example.com> <r2@return.example.com> (+997)\t" in line
    assert len(json.loads(run(tmp_path, "list", "--json").stdout)["recipients"]) == 1000


def test_what_is_set_aside_is_listed_and_asked_for_again(tmp_path: Path) -> None:
    assert run(tmp_path, "set-aside").stdout == b""
    fill(tmp_path)
    engine = open_desk(tmp_path)
    with MailLog(tmp_path / "mail.db") as log, transaction(engine) as session:
        for _ in range(2):
            add_strike(session, log.log_id, 2, "search", 1.5)
    listed = json.loads(run(tmp_path, "set-aside").stdout)
    assert listed == {"mail_id": 2, "readers": ["search"], "strikes": 2, "at": 1.5, "is_asked": False}
    assert run(tmp_path, "again", "2").returncode == 0
    assert json.loads(run(tmp_path, "set-aside").stdout)["is_asked"] is True
    missing = run(tmp_path, "again", "1")
    assert (missing.returncode, missing.stderr) == (1, b"Error: mail 1 is not set aside\n")
