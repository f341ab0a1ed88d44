"""Why a pattern or a settings file cannot be read: what `regex` and `tomllib` say, in every language."""

from cmcdesk.rules.texts import N_, SOURCE_LANGUAGE, Text, tell

#: Beginnings of messages; the first that fits counts. %(rest)s is what follows it.
PATTERN_REASONS = (
    N_("missing ]"),
    N_("missing )"),
    N_("missing %(rest)s"),
    N_("unbalanced parenthesis"),
    N_("unterminated character set"),
    N_("expected character set"),
    N_("bad character range"),
    N_("nothing to repeat"),
    N_("multiple repeat"),
    N_("min repeat greater than max repeat"),
    N_("repeat count too big"),
    N_("bad escape (end of pattern)"),
    N_("bad escape %(rest)s"),
    N_("bad hex escape %(rest)s"),
    N_("incomplete escape %(rest)s"),
    N_("unknown extension"),
    N_("expected lookaround conditional"),
    N_("expected }"),
    N_("unknown group"),
    N_("invalid group reference"),
    N_("ambiguous group reference"),
    N_("cannot refer to an open group"),
    N_("group reference not allowed"),
    N_("invalid relative group number"),
    N_("bad character in group name"),
    N_("duplicate group"),
    N_("unknown property"),
    N_("undefined character name"),
    N_("undefined named list"),
    N_("bad inline flags"),
    N_("unknown flag"),
    N_("unknown verb"),
    N_("look-behind"),
    N_("bad fuzzy"),
    N_("nothing for fuzzy"),
    N_("repeated fuzzy"),
    N_("more than one cost"),
)
TOML_REASONS = (
    N_("Expected '=' after a key"),
    N_("Expected ']' at the end of a table"),
    N_("Expected ']]' at the end of an array"),
    N_("Expected newline or end of document"),
    N_("Invalid value"),
    N_("Invalid statement"),
    N_("Invalid initial character for a key part"),
    N_("Invalid date or datetime"),
    N_("Invalid hex value"),
    N_("Cannot declare"),
    N_("Cannot overwrite a value"),
    N_("Cannot mutate immutable namespace"),
    N_("Duplicate inline table key %(rest)s"),
    N_("nested too deeply"),
    N_("Unclosed array"),
    N_("Unclosed inline table"),
    N_("Unterminated string"),
    N_("Expected %(rest)s"),
    N_("Illegal character %(rest)s"),
    N_("Unescaped '\\' in a string"),
    N_("Found invalid character %(rest)s"),
)
NO_REASON = N_("is not well formed")


def explain_pattern(reason: str) -> Text:
    """One message of `regex` in every language; a general one where none is known for it."""
    return _explain(reason, PATTERN_REASONS)


def explain_toml(reason: str) -> Text:
    """One message of `tomllib` in every language; a general one where none is known for it."""
    return _explain(reason, TOML_REASONS)


def _explain(reason: str, table: tuple[str, ...]) -> Text:
    for msgid in table:
        beginning = msgid.removesuffix("%(rest)s")
        if reason.startswith(beginning):
            return tell(msgid, rest=reason.removeprefix(beginning)) | {SOURCE_LANGUAGE: reason}
    return tell(NO_REASON) | {SOURCE_LANGUAGE: reason}
