"""The command line: one name, one module below `commands/`, imported only when it is called. A fault of the disk or of
a database is told as a sentence, in the language of the locale.
"""

import gettext
import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from cmcdesk import __version__
from cmcdesk.processes.terminal import choose_language, in_locale
from cmcdesk.rules.texts import FOLDER, N_

#: Command name → the line that `cmcdesk --help` shows. Here, so that help and `mail dump` import no other command.
COMMANDS = {
    "serve": N_("Serve the console and the mail server without a window."),
    "settings": N_("Show, check, import, export, apply and roll back settings."),
    "mail": N_("List, show and dump the mails that were received."),
    "bounce": N_("Read bounce mails: who failed, why, and CMC's class."),
    "block": N_("List suppressed addresses, lift them, run the batch."),
    "inbound": N_("Read received mails the way a webhook sends them."),
    "demo": N_("Play the demo, on a cmcdesk of its own that goes away afterwards."),
    "tls": N_("Print the certificate of the own CA, which clients have to trust."),
    "doctor": N_("Look at the data folder: what is wrong, and what mends it."),
    "wait": N_("Wait until the servers listen, or a mail, webhook or bounce is there."),
    "apiuser": N_("Add, list and remove those who may call CMC's own API paths."),
    "simulator": N_("The simulator: send mails and bounces, take webhooks, play scenarios (as cmcsim does)."),
}


def fold(text: str) -> str:
    """A docstring or help text as the catalogue names it: a line a paragraph, but for one that click shows as it is
    written (it begins with a backspace)."""
    paragraphs = inspect.cleandoc(text.partition("\f")[0]).split("\n\n")
    return "\n\n".join(each if each.startswith("\b") else " ".join(each.split()) for each in paragraphs)


def speak(command: click.Command) -> None:
    """Put the help of this command, its options and the commands below it into the language of the locale."""
    gettext.bindtextdomain("messages", str(FOLDER))  # where click looks for its words
    command.help = in_locale(fold(command.help or ""))
    for each in command.params:
        if isinstance(each, click.Option):
            each.help = in_locale(fold(each.help or ""))
    for below in getattr(command, "commands", {}).values():
        speak(below)


class LazyCommands(click.Group):
    """A click group whose commands stay unimported until one of them is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None for an unknown one (click answers with exit code 2)."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"cmcdesk.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        speak(command)
        return command

    def make_context(self, *given: Any, **more: Any) -> click.Context:
        """Before anything is read or said: the own help in the language of the locale."""
        speak(self)
        return super().make_context(*given, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """A full disk, a folder that cannot be written to, a locked or damaged database: a sentence and exit code 1."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            words = tell_fault(error)
            if words is None:
                raise
            raise click.ClickException(words) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table; click's own would import every command for its help line."""
        with formatter.section(gettext.gettext("Commands")):
            formatter.write_dl([(name, in_locale(line)) for name, line in COMMANDS.items()])


@click.command(cls=LazyCommands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cmcdesk")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where the databases are (for the window).")
@click.option("--grab", type=click.Path(path_type=Path), help="Save a picture of the window there, then close it.")
@click.option("--selftest", is_flag=True, help="Try the whole program on a data folder of its own; exit code 0 or 1.")
@click.pass_context
def cmcdesk(ctx: click.Context, data_dir: Path | None, grab: Path | None, selftest: bool) -> None:
    """CMC's management console and mail server on this machine.

    Without a command it opens the console in a window; where there is no display, in the system's browser.
    """
    if selftest:
        from cmcdesk.commands.selftest import run_selftest

        ctx.exit(run_selftest())
    if ctx.invoked_subcommand is None:
        from cmcdesk.window.opening import open_console

        ctx.exit(open_console(data_dir, grab))
    if data_dir or grab:
        raise click.UsageError(
            in_locale(
                "--data-dir and --grab before a command are for the window; say it after the command: "
                "cmcdesk %(command)s ... --data-dir D",
                command=ctx.invoked_subcommand,
            )
        )


def tell_fault(error: Exception) -> str | None:
    """What happened, what mends it, and the system's own words; None for an error that is no such fault."""
    from cmcdesk.store.database_fault import find_fault_of

    fault = find_fault_of(error)
    if fault is None or fault.kind == "other":
        return None
    language = choose_language()
    own_words = str(getattr(error, "orig", None) or error)
    return f"{fault.what[language]} {fault.mend[language]} ({own_words})"
