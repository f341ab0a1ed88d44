"""Copy the front-end files that cmcdesk carries out of node_modules, with their licences and a list of hashes.

    cd packaging/vendor && npm ci && python3 vendor.py

Nothing is built and nothing is loaded from elsewhere at run time. `tests/console/test_vendor.py` holds the hashes.
"""

import hashlib
import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CONSOLE = ROOT / "cmcdesk/console/static/vendor"
TESTS = ROOT / "tests/browser/vendor"
FILES = {
    "bootstrap/dist/css/bootstrap.min.css": CONSOLE / "bootstrap.min.css",
    "bootstrap/dist/js/bootstrap.bundle.min.js": CONSOLE / "bootstrap.bundle.min.js",
    "bootstrap/LICENSE": CONSOLE / "LICENSE.bootstrap",
    "@popperjs/core/LICENSE.md": CONSOLE / "LICENSE.popper",
    "htmx.org/dist/htmx.min.js": CONSOLE / "htmx.min.js",
    "htmx.org/LICENSE": CONSOLE / "LICENSE.htmx",
    "idiomorph/dist/idiomorph-ext.min.js": CONSOLE / "idiomorph-ext.min.js",
    "idiomorph/LICENSE": CONSOLE / "LICENSE.idiomorph",
    "uplot/dist/uPlot.iife.min.js": CONSOLE / "uPlot.iife.min.js",
    "uplot/dist/uPlot.min.css": CONSOLE / "uPlot.min.css",
    "uplot/LICENSE": CONSOLE / "LICENSE.uPlot",
    "axe-core/axe.min.js": TESTS / "axe.min.js",
    "axe-core/LICENSE": TESTS / "LICENSE.axe-core",
}


def copy_files() -> None:
    """Copy every file of FILES and write SHA256SUMS beside them."""
    for folder in (CONSOLE, TESTS):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for source, target in FILES.items():
        shutil.copyfile(HERE / "node_modules" / source, target)
    for folder in (CONSOLE, TESTS):
        names = sorted(path.name for path in folder.iterdir())
        lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
        (folder / "SHA256SUMS").write_text("".join(lines))


if __name__ == "__main__":
    copy_files()
