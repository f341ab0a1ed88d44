"""A file that is no mail is told as that, with exit code 1; the JSON stays what it was."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cmcdesk.cli import cmcdesk

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
