"""What is said of a setting that cannot be taken: by code, short, saying what is allowed."""

from collections.abc import Callable

from cmcdesk.rules.settings.reasons import explain_pattern, explain_toml
from cmcdesk.rules.texts import N_, Text, tell

#: What a library says in English, in every language.
REASONS: dict[str, Callable[[str], Text]] = {"pattern_broken": explain_pattern, "toml": explain_toml}
MESSAGES: dict[str, str] = {
    # shape
    "required": N_("is required"),
    "masked": N_(
        "is a mask, and no value is stored here that it could stand for: give the value (cmcdesk "
        "settings export --with-secrets writes it)"
    ),
    "unknown_key": N_("no such setting; did you mean %(suggestion)s?"),
    "unknown_key_plain": N_("no such setting; allowed here: %(allowed)s"),
    "port_fixed": N_("the port is fixed (port 25 is forwarded to 10026)"),
    "relay_port_fixed": N_("the port is fixed (applications hand their mails to port 10025)"),
    "not_integer": N_("must be an integer from %(minimum)s to %(maximum)s"),
    "out_of_range": N_("is out of range; allowed: an integer from %(minimum)s to %(maximum)s"),
    "not_text": N_("must be a string"),
    "not_boolean": N_("must be true or false"),
    "not_list": N_("must be a list ([…])"),
    "not_tables": N_("must be a list of tables ([[%(key)s]])"),
    "not_table": N_("must be a table (a [section])"),
    "not_one_of": N_("must be one of %(allowed)s"),
    "blank": N_("must not be empty"),
    "too_long": N_("is too long; at most %(limit)s characters"),
    "control_characters": N_("must not hold line breaks or other control characters (character %(position)s)"),
    "not_ascii": N_("only printable ASCII characters are allowed (character %(position)s)"),
    # composition
    "bad_name": N_("must be at most 64 letters, digits, spaces, '-', '_' or '.', beginning with a letter or digit"),
    "name_taken": N_("another composition has this name"),
    "name_standard": N_("a composition of the standard plan is sandbox or transactional-email"),
    "name_reserved": N_('this name belongs to the standard plan; use plan = "standard"'),
    "bad_subdomain": N_(
        "must be one lower-case DNS label: at most 63 letters, digits or '-', which neither begins nor ends it"
    ),
    "subdomain_taken": N_("another composition has this subdomain"),
    "subdomain_reserved": N_("the subdomains sandbox and te belong to the standard plan"),
    "fixed_by_plan": N_(
        "is fixed to %(value)s on the standard plan; only inbound domains, webhooks and forwarding may be changed"
    ),
    "no_composition": N_("holds no [[composition]]"),
    "too_many_compositions": N_("at most %(limit)s compositions"),
    # domains
    "domain_empty": N_("must be a domain; it is empty"),
    "domain_address": N_("must be a domain only, the part after the '@'"),
    "domain_wildcard": N_("wildcards are not allowed; name each domain"),
    "domain_ip": N_("must be a domain, not an IP address"),
    "domain_no_dot": N_("must be a whole domain with a dot, such as mailform.example.com"),
    "domain_label_length": N_("has a label longer than 63 characters"),
    "domain_length": N_("is longer than 253 characters"),
    "domain_characters": N_(
        "is not a domain; allowed: letters, digits, '-' and '.', or an internationalised name (mailform.example.com)"
    ),
    "domain_repeated": N_("is already in this tab"),
    "domain_in_both": N_("is in the bounce tab too; a domain may be in one tab only"),
    "rewrite_without_domain": N_("needs a domain when the Envelope From is rewritten"),
    # relay
    "network_cidr": N_("CIDR notation is not available; name each IP address, such as 192.0.2.10"),
    "network_form": N_("is no IP address, such as 192.0.2.10"),
    "network_repeated": N_("is in the list already"),
    "networks_needed": N_("needs at least one address with this authentication method; with none nobody could relay"),
    "resend_over_period": N_("must not be above the resend period (%(period)s minutes)"),
    "no_pattern": N_("needs at least one pattern"),
    "mail_address": N_("must be one mail address, such as tanto@example.com"),
    "list_name_repeated": N_("another filter of this list has this name"),
    # webhooks
    "pattern_broken": N_("is no valid regular expression (at character %(position)s: %(reason)s)"),
    "pattern_too_deep": N_("is too deeply nested a regular expression"),
    "header_name": N_("is no header field name; allowed: printable ASCII without ':' and spaces, such as To"),
    "endpoint_scheme": N_("must begin with https:// (http:// only for localhost, 127.0.0.0/8 and [::1])"),
    "endpoint_loopback": N_(
        "http:// is allowed for localhost, 127.0.0.0/8, [::1] and listed hosts of the own network only; use https://"
    ),
    "endpoint_host": N_("has no valid host"),
    "endpoint_port": N_("has no valid port; allowed: 1 to 65535"),
    "endpoint_credentials": N_("must not hold a user or password; use the setting for BASIC authentication"),
    "endpoint_fragment": N_("must not hold a fragment (#…)"),
    "endpoint_characters": N_("must not hold spaces or backslashes (character %(position)s)"),
    "basic_colon": N_("must have the form user:password"),
    "mail_user_form": N_("must have the form user:password, neither of them empty"),
    "mail_user_repeated": N_("a user of this name is there already"),
    "bearer_space": N_("a token must not hold spaces"),
    "basic_and_bearer": N_("BASIC authentication and a bearer token exclude each other"),
    "event_without_endpoint": N_("needs an endpoint when events are to be sent"),
    "blocks_need_pro": N_("is for the Pro plan only"),
    "blocks_need_version_2": N_("is for version 2 only; choose version 2, or leave Blocks out"),
    "json_needs_version_2": N_("json is for version 2 only; use form, or version 2"),
    "time_zone": N_("is no name of a time zone, such as Asia/Tokyo or UTC"),
    "filter_repeated": N_("another filter of this composition has this name"),
    "no_condition": N_("needs at least one condition"),
    # files
    "toml": N_("is not valid TOML (line %(line)s, column %(column)s: %(reason)s)"),
    "not_utf8": N_("is not UTF-8 (at byte %(position)s)"),
}


def tell_code(code: str, **values: object) -> Text:
    """The message of a code in every language, its places filled from values."""
    explained = {"reason": REASONS[code](str(values["reason"]))} if code in REASONS else {}
    return tell(MESSAGES[code], **(values | explained))
