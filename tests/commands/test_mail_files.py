"""Mails in files and folders; a file that is no mail is told as that, with exit code 1; the JSON stays what it was."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from cmcdesk.cli import cmcdesk
from cmcdesk.commands.mail_files import describe_folder, read_mail_file

GARBAGE = [b"", b"\x89PNG\r\n\x1a\n\x00\x01", b"hello world\nthis is a text\n"]


@pytest.mark.parametrize("octets", GARBAGE)
@pytest.mark.parametrize("name", ["bounce", "inbound"])
def test_what_is_no_mail_is_told(tmp_path: Path, name: str, octets: bytes) -> None:
    (tmp_path / "file").write_bytes(octets)
    for language, told in (("C.UTF-8", "this is no mail"), ("ja_JP.UTF-8", "メールではありません")):
        runner = CliRunner(env={"LC_ALL": language})
        done = runner.invoke(cmcdesk, [name, "read", str(tmp_path / "file")])
        assert (done.exit_code, done.stdout) == (1, "") and told in done.stderr
        assert told in runner.invoke(cmcdesk, [name, "read", "-"], input=octets).stderr
    done = CliRunner().invoke(cmcdesk, [name, "read", str(tmp_path / "file"), "--json"])
    assert done.exit_code == 1 and isinstance(json.loads(done.stdout), dict)
    folder = CliRunner().invoke(cmcdesk, [name, "read", "--jsonl", str(tmp_path)])
    assert folder.exit_code == 0 and "error" not in json.loads(folder.stdout)


@pytest.mark.parametrize("name", ["bounce", "inbound"])
def test_a_mail_is_read_as_before(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"\r\nSubject: x\r\n\r\nbody")
    assert CliRunner().invoke(cmcdesk, [name, "read", str(tmp_path / "file")]).exit_code == 0


def test_what_cannot_be_read_is_an_object_too(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing", "pipe"):
        done = CliRunner().invoke(cmcdesk, ["bounce", "read", "--json", str(tmp_path / name)])
        found = json.loads(done.stdout)
        assert (
            done.exit_code == 1 and found["error"] and set(found) == {"is_bounce", "final", "failures", "rule", "error"}
        )


def test_a_folder_is_read_whole_with_links_and_without_cycles(tmp_path: Path) -> None:
    inner, linked = tmp_path / "mails" / "inner", tmp_path / "elsewhere"
    inner.mkdir(parents=True)
    linked.mkdir()
    for path in (inner / "b.eml", linked / "c.eml", tmp_path / "mails" / "a.eml"):
        path.write_bytes(b"Subject: x\r\n\r\n")
    (tmp_path / "mails" / "link").symlink_to(linked)
    (tmp_path / "mails" / "file-link.eml").symlink_to(linked / "c.eml")
    (tmp_path / "mails" / "nowhere").symlink_to(tmp_path / "gone")
    (inner / "cycle").symlink_to(tmp_path / "mails")
    found = list(describe_folder(tmp_path / "mails", lambda path: {"size": len(read_mail_file(path))}, {"size": 0}))
    assert [one["file"] for one in found] == ["a.eml", "file-link.eml", "inner/b.eml", "link/c.eml", "nowhere"]
    assert [one["size"] for one in found] == [14, 14, 14, 14, 0]
    assert "error" in found[-1]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"Subject: x\r\n\r\n")
    (tmp_path / "a").chmod(0)
    found = describe_folder(tmp_path, lambda path: {"size": len(read_mail_file(path))}, {"size": 0})
    assert [set(one) for one in found] == [{"file", "size", "error"}]
