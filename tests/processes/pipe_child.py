"""A small process that speaks the pipe protocol of the mail server and the worker: the supervisor's tests run it.

It notes every life and every command in FOLDER/lives, one JSON line each. Commands beyond the protocol's: "die" exits
at once, "hang" never answers again (and does not end when told to), "mute" is not answered.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def say(*answers: dict[str, Any]) -> None:
    """In one write: an owner that is killed after the first line leaves no second one to a broken pipe."""
    sys.stdout.write("".join(json.dumps(answer) + "\n" for answer in answers))
    sys.stdout.flush()


def note(folder: Path, fact: dict[str, Any]) -> None:
    with (folder / "lives").open("a") as file:
        file.write(json.dumps({"pid": os.getpid(), **fact}) + "\n")


def take(command: dict[str, Any]) -> None:
    if command["do"] == "apply":
        compositions = command["compositions"]
        if any(entry["port"] == 1 for entry in compositions):
            errors = [{"composition": "pro", "field": "port", "message": "not port 1"}]
            say({"id": command["id"], "ok": False, "errors": errors})
            return
        listening = [
            {
                "name": entry["settings"]["name"],
                "receiving": f"{entry['host']}:{entry['port'] or 40001}",
                "missing": None,
                "receiving_tls": None,
                "tls_missing": None,
                "relay": None,
                "relay_missing": None,
            }
            for entry in compositions
        ]
        say({"id": command["id"], "ok": True, "compositions": listening})
    elif command["do"] == "purge":
        say({"id": command["id"], "ok": True, "purged": len(command["mails"])})
    elif command["do"] == "wake":
        say({"telemetry": {"woken": True}})


def main() -> None:
    folder = Path(sys.argv[1])
    note(folder, {"born": sys.argv[2:]})
    print("a line for the log", file=sys.stderr, flush=True)
    say({"ready": True}, {"telemetry": {"at": 1.5}})
    for line in sys.stdin:
        command = json.loads(line)
        note(folder, command)
        if command["do"] == "die":
            os._exit(3)
        if command["do"] == "hang":
            time.sleep(600)
        if command["do"] == "stop":
            break
        take(command)
    note(folder, {"drained": True})


if __name__ == "__main__":
    main()
