"""Why a run of the simulator could not send, in the language of the page; the simulator says it in English."""

import re

from flask_babel import gettext as _

TOO_SMALL = re.compile(r"size: (\d+) was asked for, but (?:this form mail|a \S+ bounce) has (\d+) octets")
NOT_THAT_LONG = re.compile(r"size: a \S+ bounce of (\d+) octets cannot be made (\d+) long")
TOO_SMALL_PLAIN = re.compile(r"a plain mail cannot be so small: -?\d+ octets would be left for its text")


def tell_run_error(said: str) -> str:
    """What the simulator said, where that is known, as the page says it; else as it was said."""
    if met := TOO_SMALL.search(said):
        return str(
            _("The size %(size)s is too small: this mail alone has %(octets)s bytes.", size=met[1], octets=met[2])
        )
    if met := NOT_THAT_LONG.search(said):
        told = _("This bounce of %(octets)s bytes cannot be made %(size)s long.", octets=met[1], size=met[2])
        return str(told)
    if TOO_SMALL_PLAIN.search(said):
        return str(_("The size is too small: nothing would be left for the text of the mail."))
    return said
