"""`python -m cmcdesk` and the `cmcdesk` script."""


def main() -> None:
    """Run the command line; Python's own exit code rules apply (0 good, 1 not so, 2 misuse)."""
    from cmcdesk.cli import cmcdesk
    from cmcdesk.processes.paths import begin_private

    begin_private()
    cmcdesk(prog_name="cmcdesk")


if __name__ == "__main__":
    main()
