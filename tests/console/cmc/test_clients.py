"""The client that a registry has, unchanged, over TLS and by CMC's host names: PyPI's `customersmailcloud`."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.processes.certificates import read_ca_certificate

from ..conftest import Console
from .test_emails import FILE, HTML, KEY, Site, site

__all__ = ["site"]
HERE = Path(__file__).parent

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("CustomersMailCloud") is None, reason="pip has not installed customersmailcloud"
)


def run(site: Site, folder: Path, **given: Any) -> dict[str, Any]:
    """What the client's call gave."""
    least = {
        "plan": ["pro", site.name], "api_user": site.user, "api_key": KEY, "from": ["店", "a@shop.example"],
        "to": ["受信者", "b@dest.example"], "subject": "件名", "text": "本文",
    }  # fmt: skip
    bundle = folder / "ca.pem"
    bundle.write_bytes(read_ca_certificate(site.console.desk._options.folder))
    port = str(site.console.desk.read_note()["api_tls"])
    ended = subprocess.run(
        [sys.executable, str(HERE / "run_pypi_client.py"), port],
        input=json.dumps(least | given), text=True, capture_output=True, timeout=60, check=True,
        env=os.environ | {"REQUESTS_CA_BUNDLE": str(bundle), "NO_PROXY": "*"},
    )  # fmt: skip
    return dict(json.loads(ended.stdout))


def test_it_sends_plain_mails_rich_ones_and_files(site: Site, tmp_path: Path) -> None:
    path = tmp_path / FILE[0]
    path.write_bytes(FILE[1])
    rich = {"html": HTML, "reply_to": ["返信", "r@shop.example"], "env_from": "bounce@shop.example"}
    calls: list[dict[str, Any]] = [{}, {"charset": "ISO-2022-JP"}, rich, rich | {"files": [str(path)] * 2}]
    ids = [run(site, tmp_path, **call)["answer"] for call in calls]
    rows = site.list_mails(len(calls))
    assert ids == [{"id": row["message_id"]} for row in rows]
    plain, jis, html, filed = [site.read(row["id"]) for row in rows]
    assert (plain["Subject"], plain.get_content(), jis.get_content()) == ("件名", "本文\r\n", "本文\r\n")
    assert (jis["Content-Transfer-Encoding"], jis.get_content_charset()) == ("7bit", "iso-2022-jp")
    assert (rows[2]["sender"], html["Reply-To"]) == ("bounce@shop.example", "返信 <r@shop.example>")
    files = [part for part in filed.walk() if part.get_filename()]
    assert [(part.get_filename(), part.get_payload(decode=True)) for part in files] == [FILE[:2]] * 2
    assert rows[0]["peer"] == "127.0.0.1"


def test_it_shows_what_is_refused(site: Site, tmp_path: Path) -> None:
    told = json.loads(run(site, tmp_path, api_key="wrong-key-1")["refused"])
    assert told == {"errors": [{"code": "90-001", "field": "api_user", "message": "api_user or api_key is wrong"}]}
    told = json.loads(run(site, tmp_path, plan=["pro", "nobody"])["refused"])
    assert "no server composition is nobody.smtps.jp" in told["errors"][0]["message"]


def test_the_standard_names_lead_to_their_compositions(console: Console, site: Site, tmp_path: Path) -> None:
    for plan, name in (("trial", "sandbox"), ("standard", "transactional-email")):
        told = run(site, tmp_path, plan=[plan])["refused"]
        assert "once its settings are reflected" in told and name in told
