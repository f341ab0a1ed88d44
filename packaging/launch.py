"""The frozen program's first lines: the window or a command; or, as `python -m` would, one of its own processes."""

import multiprocessing
import os
import runpy
import sys

multiprocessing.freeze_support()
if sys.stdout is None or sys.stderr is None:  # a windowed build on Windows has neither
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: PTH123, SIM115 (open as long as the program runs)
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: PTH123, SIM115

#: What the console starts as processes of their own (cmcdesk.processes.child.module_command), and the simulator.
PROCESSES = ("cmcdesk.mailserver", "cmcdesk.worker", "simulator.cli", "cmcdesk")

if len(sys.argv) > 2 and sys.argv[1] == "-m" and sys.argv[2] in PROCESSES:
    module = sys.argv[2]
    del sys.argv[1:3]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
else:
    from cmcdesk.__main__ import main

    main()
