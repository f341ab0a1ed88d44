"""A private Postfix on loopback: Debian's programs, a configuration and a queue of its own, nothing of the system's."""

import grp
import os
import pwd
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.bench.receivers import BenchFailed, find_program, is_greeting, pick_free_port

DAEMONS = Path("/usr/lib/postfix/sbin")
START_WITHIN = 20.0
ACCOUNTS = ("postfix", "postdrop")  # the user and the group that the packages make

#: What stands in any main.cf of ours. Nothing is looked up, nothing listens beyond loopback, nothing is logged.
MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
myhostname = postfix.example
mydomain = postfix.example
myorigin = postfix.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtp_dns_support_level = disabled
smtp_host_lookup = native
relayhost = [{host}]:{port}
smtpd_relay_restrictions = permit_mynetworks, reject
alias_maps =
local_recipient_maps =
local_transport = error:5.1.1 no local mail here
smtputf8_enable = no
maillog_file =
syslog_name = cmcsim-postfix
"""
MASTER = """\
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""


def find_postfix_fault() -> str | None:
    """Why no private Postfix can be run here; None: it can."""
    if not (DAEMONS / "master").exists() or not find_program("postfix"):
        return "Postfix is not installed (Debian and Ubuntu: apt-get install postfix)"
    if os.geteuid() != 0:
        return "Postfix starts as root only"
    try:
        pwd.getpwnam(ACCOUNTS[0]), grp.getgrnam(ACCOUNTS[1])
    except KeyError as missing:
        return f"Postfix's account is missing: {missing}"
    return None


@dataclass(frozen=True)
class RunningPostfix:
    """port: of SMTP, on 127.0.0.1; folder: with its queue."""

    port: int
    folder: Path

    def count_queued(self) -> int:
        """Mails in its queue."""
        queues = (self.folder / "queue" / name for name in ("incoming", "active", "deferred", "maildrop"))
        return sum(len(files) for queue in queues for _, _, files in os.walk(queue))


@contextmanager
def run_postfix(next_hop: tuple[str, int], more: str = "") -> Iterator[RunningPostfix]:
    """Run one in a folder of its own that goes with it; all that it has to send goes to `next_hop`. more: lines of
    main.cf, which win. Raises BenchFailed."""
    with TemporaryDirectory(prefix="cmcsim-postfix-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        postfix = RunningPostfix(pick_free_port(), folder)
        _write_configuration(postfix, next_hop, more)
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C"}
        command = [find_program("postfix") or "postfix", "-c", str(folder / "etc"), "check"]
        checked = subprocess.run(command, env=environment, umask=0o022, capture_output=True, text=True)
        if checked.returncode:
            raise BenchFailed(f"Postfix refuses its configuration: {checked.stderr.strip()}")
        master = [str(DAEMONS / "master"), "-c", str(folder / "etc"), "-d"]
        running = subprocess.Popen(master, env=environment, umask=0o022, start_new_session=True)
        try:
            _wait_for(postfix.port, running)
            yield postfix
        finally:
            running.terminate()
            running.wait(START_WITHIN)


def _write_configuration(postfix: RunningPostfix, next_hop: tuple[str, int], more: str) -> None:
    folder = postfix.folder
    for each in (folder, *(folder / name for name in ("etc", "queue", "data"))):
        each.mkdir(exist_ok=True)
        each.chmod(0o755)  # whatever the umask is: Postfix's processes are other users
    user = pwd.getpwnam(ACCOUNTS[0])
    os.chown(folder / "data", user.pw_uid, user.pw_gid)
    main = MAIN.format(folder=folder, daemons=DAEMONS, host=next_hop[0], port=next_hop[1])
    (folder / "etc" / "main.cf").write_text(main + more, "utf-8")
    (folder / "etc" / "master.cf").write_text(MASTER.format(port=f"127.0.0.1:{postfix.port}"), "utf-8")


def _wait_for(port: int, running: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_WITHIN
    while not is_greeting("127.0.0.1", port):
        if running.poll() is not None or time.monotonic() > deadline:
            raise BenchFailed(f"Postfix does not greet; its master: {running.poll()}")
        time.sleep(0.02)


def wait_for_address(host: str, port: int) -> None:
    """Until somebody greets there. Raises BenchFailed."""
    deadline = time.monotonic() + START_WITHIN
    while not is_greeting(host, port):
        if time.monotonic() > deadline:
            raise BenchFailed(f"nobody greets at {host}:{port}")
        time.sleep(0.02)


def pick_port_of(host: str) -> int:
    """A port of that address that nobody listens on now."""
    with socket.create_server((host, 0)) as listener:
        return int(listener.getsockname()[1])
