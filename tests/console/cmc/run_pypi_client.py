"""Runs PyPI's `customersmailcloud` as it is, once: `run_pypi_client.py PORT`, with what it is to do as JSON on stdin.

Only where names lead is changed: every name under smtps.jp at port 443 is this machine at PORT.
"""

import json
import socket
import sys

from CustomersMailCloud import CustomersMailCloud  # type: ignore[import-untyped]

PORT = int(sys.argv[1])
look_up = socket.getaddrinfo


def lead_here(host, port, *more, **named):  # type: ignore[no-untyped-def]
    if str(host).endswith(".smtps.jp") and port == 443:
        host, port = "127.0.0.1", PORT
    return look_up(host, port, *more, **named)


socket.getaddrinfo = lead_here
asked = json.load(sys.stdin)
client = CustomersMailCloud(asked["api_user"], asked["api_key"])
plan, *subdomain = asked["plan"]
getattr(client, plan)(*subdomain)
client.setFrom(*asked["from"])
client.addTo(*asked["to"])
for name in ("subject", "text", "html", "env_from", "charset"):
    if name in asked:
        setattr(client, name, asked[name])
if "reply_to" in asked:
    client.setReplyTo(*asked["reply_to"])
for path in asked.get("files", ()):
    client.addFile(path)
try:
    print(json.dumps({"answer": client.send()}))
except Exception as refused:
    told = refused.args[0]
    print(json.dumps({"refused": told.decode() if isinstance(told, bytes) else str(told)}))
