"""The .deb in a bare Debian: installed with nothing but what it asks for, tried by a plain user, removed.

dev.py package --bare, or alone: bare_debian.py DEB [PICTURE]. Wants root, debootstrap, and Debian's mirror. What is
left of it is removed. Standard library only.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SUITE, MIRROR = "bookworm", "http://deb.debian.org/debian"
USER = "visitor"
MOUNTS = (("proc", "proc", "proc"), ("tmpfs", "shm", "dev/shm"))  # type, source, place
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class BareFailed(Exception):
    """It could not be tried, or did not go well; the text says what."""


class BareDebian:
    """A tree with Debian's smallest system in it, and what runs there."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree

    def run(self, command: str, user: str = "root", may_fail: bool = False) -> str:
        """Run a line of shell there → what it said. Raises BareFailed with it."""
        locale = {"LANG": "ja_JP.UTF-8", "QT_QPA_PLATFORM": "offscreen", "DEBIAN_FRONTEND": "noninteractive"}
        home = "/" if user == "root" else f"/home/{user}"
        environment = locale | {"PATH": PATH, "HOME": home}
        words = ["chroot", "--userspec", user, self.tree, "/bin/sh", "-c", f"cd {home} && {command}"]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=600)
        if done.returncode and not may_fail:
            raise BareFailed(f"as {user}: {command}: ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout


def try_in_bare_debian(deb: Path, picture: Path | None = None) -> None:
    """Print what was done, with times; raises BareFailed."""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise BareFailed("a bare Debian is made by root with debootstrap (apt-get install debootstrap)")
    with tempfile.TemporaryDirectory(prefix="cmcdesk-bare-") as folder, make_tree(Path(folder)) as bare:
        install(bare, deb)
        tell(f"as {USER}, cmcdesk --selftest:\n" + bare.run("cmcdesk --selftest 2>&1", USER))
        tell(f"cmcdesk simulator bounce --list: {len(bare.run('cmcdesk simulator bounce --list', USER).split())} kinds")
        for kind in ("cold", "warm", "warm"):
            if kind == "cold":
                subprocess.run(["sync"], check=True)
                Path("/proc/sys/vm/drop_caches").write_text("3")
            began = time.time()
            bare.run("cmcdesk --data-dir data --grab window.png 2>/dev/null", USER)
            painted = Path(bare.tree, "home", USER, "window.png").stat().st_mtime - began
            tell(f"first page painted, {kind}: {painted:.1f} s; closed: {time.time() - began:.1f} s")
        if picture:
            shutil.copyfile(Path(bare.tree, "home", USER, "window.png"), picture)
        check_leftovers(bare)
        bare.run("dpkg --remove cmcdesk")
        if Path(bare.tree, "opt/cmcdesk").exists() or Path(bare.tree, "usr/bin/cmcdesk").is_symlink():
            raise BareFailed("the package left files behind when it was removed")
        tell("removed, nothing of it is left")


def install(bare: BareDebian, deb: Path) -> None:
    """With its Depends alone, then a Japanese font."""
    shutil.copyfile(deb, bare.tree / "tmp" / "cmcdesk.deb")
    bare.run("apt-get update -qq")
    began = time.monotonic()
    told = bare.run("apt-get install -y --no-install-recommends /tmp/cmcdesk.deb")
    packages = re.search(r"(\d+) newly installed", told)
    fetched = re.search(r"Need to get (\S+ \S+)", told)
    tell(
        f"installed in {time.monotonic() - began:.0f} s: {packages[1] if packages else '?'} packages, "
        f"{fetched[1] if fetched else '?'} beside it"
    )
    bare.run("apt-get install -y --no-install-recommends fonts-ipafont-gothic && rm /tmp/cmcdesk.deb")
    bare.run(f"useradd --create-home {USER}")


def check_leftovers(bare: BareDebian) -> None:
    """Raises BareFailed for a process of that user: the program has ended."""
    number = next(
        line.split(":")[2] for line in (bare.tree / "etc/passwd").read_text().splitlines() if line.startswith(USER)
    )
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            root = status.with_name("root").resolve()
            if root == bare.tree.resolve() and f"\nUid:\t{number}\t" in status.read_text():
                raise BareFailed(f"still running: {status.read_text().splitlines()[0]}")
        except OSError:
            continue
    tell("no process is left")


def measure_start(command: list[str | Path], environment: dict[str, str], picture: Path) -> float:
    """Seconds from the start of the program until its first page was painted: when the picture was written."""
    picture.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):  # the second time on a data folder that is there
            began = time.time()
            known = environment | {"CMCDESK_DATA_DIR": folder}
            subprocess.run(command, env=known, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=180)
        return picture.stat().st_mtime - began


@contextmanager
def make_tree(folder: Path) -> Iterator[BareDebian]:
    """debootstrap's smallest system, with what a running one has mounted."""
    tree = folder / "tree"
    began = time.monotonic()
    command = ["debootstrap", "--variant=minbase", SUITE, tree, MIRROR]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise BareFailed(f"debootstrap failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    tell(f"bare Debian ({SUITE}, minbase) made in {time.monotonic() - began:.0f} s")
    mounted: list[Path] = []
    try:
        for kind, source, place in MOUNTS:
            (tree / place).mkdir(parents=True, exist_ok=True)
            options = ["-o", "mode=1777"] if kind == "tmpfs" else []
            subprocess.run(["mount", "-t", kind, *options, source, tree / place], check=True)
            mounted.append(tree / place)
        shutil.copyfile("/etc/resolv.conf", tree / "etc/resolv.conf")
        yield BareDebian(tree)
    finally:
        for place in reversed(mounted):
            subprocess.run(["umount", "--lazy", place])


def tell(text: str) -> None:
    """At once: these things take time."""
    print(text, flush=True)


if __name__ == "__main__":
    try:
        try_in_bare_debian(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    except BareFailed as fault:
        sys.exit(f"FAILED: {fault}")
