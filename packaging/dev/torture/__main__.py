"""Attack a cmcdesk of its own in every way that is known here, and say of each promise whether it held.

python3 packaging/dev.py torture                     # all attacks, whole: about half an hour
python3 packaging/dev.py torture kills --short       # some, in the short form that the ordinary test run takes
python3 packaging/dev.py torture --report docs/torture.md

An attack is a file in packaging/dev/torture/attacks: its docstring's first line is its title, `attack(ground)` makes it
and yields findings. Exit code 1 if a promise was broken, or an attack could not be made.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from torture.ground import Finding, Ground, list_attacks, load_attack
from torture.report import Played, write_report


def play(name: str, is_short: bool) -> Played:
    """Make one attack in a folder of its own. Whatever it raises is a finding that does not hold."""
    attack = load_attack(name)
    title = (attack.__doc__ or name).splitlines()[0]
    print(f"{name}: {title}", flush=True)
    findings: list[Finding] = []
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"cmcdesk-torture-{name}-") as folder:
        try:
            for finding in attack.attack(Ground(Path(folder), is_short)):
                findings.append(finding)
                print(f"  {finding.mark}  {finding.promise}: {finding.seen}", flush=True)
        except Exception as fault:
            findings.append(Finding("the attack is made to its end", f"{type(fault).__name__}: {fault}", False))
            print(f"  {findings[-1].mark}  {findings[-1].seen}", flush=True)
    return Played(name, title, time.monotonic() - begun, findings)


def main() -> int:
    parser = argparse.ArgumentParser(prog="dev.py torture", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", nargs="*", help=f"attacks to make; none: all of {', '.join(list_attacks())}")
    parser.add_argument("--short", action="store_true", help="seconds instead of minutes for each")
    parser.add_argument("--report", type=Path, help="write what was seen to this file (Markdown)")
    given = parser.parse_args()
    unknown = set(given.name) - set(list_attacks())
    if unknown:
        parser.error(f"no such attack: {', '.join(sorted(unknown))}; there are {', '.join(list_attacks())}")
    played = [play(name, given.short) for name in given.name or list_attacks()]
    broken = [finding for one in played for finding in one.findings if not finding.holds]
    print(f"{len(played)} attacks, {sum(len(one.findings) for one in played)} promises, {len(broken)} broken")
    if given.report:
        before = given.report.read_text(encoding="utf-8") if given.report.exists() else ""
        given.report.write_text(write_report(played, given.short, before), encoding="utf-8")
    return 1 if broken or not all(one.findings for one in played) else 0


if __name__ == "__main__":
    sys.exit(main())
