"""`cmcdesk inbound read`, called as a person and as a program call it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MAIL = "From: 田中 <a@b.jp>\r\nTo: c@d.jp\r\nSubject: 件名\r\n\r\n本文\r\n".encode("iso2022_jp")


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "cmcdesk", "inbound", "read", *arguments], input=stdin, capture_output=True
    )


def test_one_file_as_json(tmp_path: Path) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes(MAIL)
    done = run(str(file), "--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert (found["subject"], found["from"], found["from_names"], found["text"]) == (
        "件名",
        ["a@b.jp"],
        ["田中"],
        "本文\n",
    )
    assert json.loads(run("-", "--json", stdin=MAIL).stdout) == found


def test_for_a_person() -> None:
    shown = run("-", stdin=MAIL).stdout.decode()
    assert "From: 田中 <a@b.jp>" in shown
    assert "本文" in shown


def test_every_file_below_a_folder_also_what_can_not_be_read(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "mails", tmp_path / "elsewhere"
    (folder / "deep").mkdir(parents=True)
    elsewhere.mkdir()
    (folder / "deep" / "件名.eml").write_bytes(MAIL)
    (elsewhere / "linked.eml").write_bytes(MAIL)
    (folder / "link").symlink_to(elsewhere)
    (folder / "loop").symlink_to(folder)
    (folder / "broken.eml").symlink_to(tmp_path / "nowhere")
    os.mkfifo(folder / "pipe")
    (folder / "empty").write_bytes(b"")
    done = run("--jsonl", str(folder))
    assert done.returncode == 0
    found = {line["file"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert sorted(found) == ["broken.eml", "deep/件名.eml", "empty", "link/linked.eml", "pipe"]
    assert {name for name, line in found.items() if "error" in line} == {"broken.eml", "pipe"}
    assert found["link/linked.eml"]["subject"] == "件名"
    assert len({frozenset(line.keys() - {"error"}) for line in found.values()}) == 1


@pytest.mark.parametrize("arguments", [[], ["/nowhere/at/all"], ["--jsonl", "/nowhere/at/all"], ["x", "--jsonl", "."]])
def test_misuse(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr
