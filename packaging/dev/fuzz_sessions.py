"""Play random SMTP streams, cut at random places, on both paths of a session.

python packaging/dev/fuzz_sessions.py 10000
"""

import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.mailserver.streams import compare_streams

if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        stored, differences = asyncio.run(compare_streams(Path(folder), range(number)))
    print(f"{number} streams, {stored} mails stored on each path, {differences} differences")
    sys.exit(1 if differences else 0)
