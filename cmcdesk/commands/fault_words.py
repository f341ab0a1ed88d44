"""A fault of the disk or of a database as a sentence for the terminal, in the language of the locale."""

from cmcdesk.processes.terminal import choose_language
from cmcdesk.store.database_fault import find_fault_of


def tell_fault(error: Exception) -> str | None:
    """What happened, what mends it, and the system's own words; None for an error that is no such fault."""
    fault = find_fault_of(error)
    if fault is None or fault.kind == "other":
        return None
    language = choose_language()
    own_words = str(getattr(error, "orig", None) or error)
    return f"{fault.what[language]} {fault.mend[language]} ({own_words})"
