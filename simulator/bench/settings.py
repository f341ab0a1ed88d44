"""The settings that cmcdesk is measured with: every gate in use, ten header conditions, one of which always matches."""

RECIPIENT = "b@example.com"
SENDER = "a@client.example"
RETURN_ADDRESS = "bounce@return.example.com"
NOBODY = "http://127.0.0.1:9/"  # discard's port: a webhook there is refused at once
FILTERS = 10

COMPOSITION = """\
[[composition]]
name = "pro"
plan = "pro"
subdomain = "pro"
[composition.receiving]
max_sessions = 100
interval_ms = {interval_ms}
size_kb = 102400
bounce_domains = ["return.example.com"]
inbound_domains = ["example.com"]
"""
FILTER = """\
[[composition.inbound_webhook]]
name = "filter {number}"
endpoint = "{endpoint}"
[[composition.inbound_webhook.condition]]
header = "{header}"
pattern = '{pattern}'
"""
NEVER, ALWAYS = r"^(urgent|alert) .*ticket-\d+", r"example\.com"


def write_settings(interval_ms: int | None, endpoint: str = NOBODY) -> str:
    """A settings file; the interval is the least there is where none is asked for."""
    filters = [
        FILTER.format(
            number=number,
            endpoint=endpoint,
            header=("Subject", "To")[number % 2],
            pattern=ALWAYS if number == FILTERS - 1 else NEVER,
        )
        for number in range(FILTERS)
    ]
    return COMPOSITION.format(interval_ms=interval_ms or 10) + "".join(filters)
