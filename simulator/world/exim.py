"""A real Exim as a mail server of the world: the program of this machine, as an ordinary user, in a folder of its own.

It takes all mails at RCPT; those that its file says fail come back later as Exim's own bounces. What it sends goes to
one port of the world, which carries it on by MX. A copy of the program without its setuid bit is run, so that it works
as whoever starts the world; it refuses to start where the user that its package makes is missing. LD_LIBRARY_PATH is
kept for one that was unpacked from its package.
"""

import contextlib
import os
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from pathlib import Path

from simulator.world.file import Host

PROGRAMS = ("exim4", "exim")
MORE_PLACES = "/usr/sbin:/usr/local/sbin"  # not on the PATH of ordinary users
ENVIRONMENT_NAME = "CMCSIM_EXIM"  # names the program instead
START_SECONDS = 10.0
QUEUE_SECONDS = 5
UNPRIVILEGED, GROUP = "nobody", "nogroup"  # run it where root starts the world
TEXTS = {"mailbox-full": "Mailbox full", "policy": "Rejected by policy"}  # of what fails; others: unknown user

CONFIGURATION = """\
exim_path = {program}
notifier_socket =
keep_environment = LD_LIBRARY_PATH
{owner}deliver_drop_privilege
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
primary_hostname = {name}
tls_advertise_hosts =
rfc1413_hosts =
acl_smtp_rcpt = take
begin acl
take:
  accept
begin routers
{failing}other:
  driver = redirect
  condition = ${{if !eq{{$sender_address}}{{}}}}
  data = :blackhole:
home:
  driver = manualroute
  route_list = * 127.0.0.1
  transport = home
  self = send
begin transports
home:
  driver = smtp
  port = {home}
  allow_localhost
  hosts_avoid_tls = *
begin retry
* * F,1h,10s
"""
FAILING = """\
fails_{number}:
  driver = redirect
  condition = ${{if !eq{{$sender_address}}{{}}}}
{boxes}  data = :fail: {text}
  allow_fail
"""


class NoExim(Exception):
    """It cannot be started here; the text says why."""


class RealExim:
    """One running Exim. `start` gives its port on 127.0.0.1; `home`: where it hands over what it sends."""

    def __init__(self, host: Host, home: int) -> None:
        self._host = host
        self._home = home
        self._folder = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> int:
        """Run it, and wait until it listens. Raises NoExim."""
        found = find_exim()
        if found is None:
            raise NoExim("there is no Exim on this machine")
        self._folder = tempfile.mkdtemp(prefix="cmcsim-exim-")
        port = _free_port()
        user = UNPRIVILEGED if os.name == "posix" and os.geteuid() == 0 else None
        try:
            command = [f"{self._folder}/exim", "-C", self._prepare(found, port, user), "-bdf", f"-q{QUEUE_SECONDS}s"]
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                user=user, group=GROUP if user else None, extra_groups=() if user else None,
            )  # fmt: skip
        except (OSError, LookupError) as fault:  # LookupError: no such user or group on this machine
            self.stop()
            raise NoExim(str(fault)) from fault
        if not self._is_listening(port):
            self._process.kill()
            assert self._process.stdout
            said = self._process.stdout.read().decode("utf-8", "replace").strip()
            self.stop()
            raise NoExim(said.splitlines()[-1] if said else f"it does not listen within {START_SECONDS:g} s")
        return port

    def stop(self) -> None:
        """End it, and remove its folder."""
        if self._process:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            self._process.kill()
            self._process.wait()
            if self._process.stdout:
                self._process.stdout.close()
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _prepare(self, found: str, port: int, user: str | None) -> str:
        """Folder, copy of the program and configuration; the path of that."""
        folder = Path(self._folder)
        program = folder / "exim"
        shutil.copyfile(found, program)
        program.chmod(stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)
        for name in ("spool", "log"):
            (folder / name).mkdir()
        owner = f"exim_user = {user or os.getuid()}\nexim_group = {GROUP if user else os.getgid()}\n"
        text = CONFIGURATION.format(
            program=program, folder=folder, port=port, name=self._host.name, home=self._home, owner=owner,
            failing=write_failing(self._host),
        )  # fmt: skip
        configuration = folder / "exim.conf"
        configuration.write_text(text, "utf-8")
        if user:
            folder.chmod(0o755)
            for path in (folder, folder / "spool", folder / "log"):
                shutil.chown(path, user, GROUP)
        return str(configuration)

    def _is_listening(self, port: int) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while self._process and self._process.poll() is None and time.monotonic() < deadline:
            with socket.socket() as asking:
                if asking.connect_ex(("127.0.0.1", port)) == 0:
                    return True
            time.sleep(0.05)
        return False


def find_exim() -> str | None:
    """The program of this machine, None where there is none."""
    given = os.environ.get(ENVIRONMENT_NAME)
    if given:
        return given if Path(given).is_file() else None
    places = f"{os.environ.get('PATH', '')}:{MORE_PLACES}"
    return next((found for name in PROGRAMS if (found := shutil.which(name, path=places))), None)


def write_failing(host: Host) -> str:
    """Routers for what fails: single mailboxes, then all, where the host itself refuses."""
    routers = []
    failing = [(box.partition("@")[0], how) for box, how in host.mailboxes.items() if how != "accept"]
    for number, (box, how) in enumerate(failing):
        text = TEXTS.get(how, "User unknown")
        routers.append(FAILING.format(number=number, boxes=f"  local_parts = {box}\n", text=text))
    if host.behaviour != "accept":
        routers.append(FAILING.format(number=len(failing), boxes="", text=TEXTS.get(host.behaviour, "User unknown")))
    return "".join(routers)


def _free_port() -> int:
    with socket.socket() as taking:
        taking.bind(("127.0.0.1", 0))
        return int(taking.getsockname()[1])
