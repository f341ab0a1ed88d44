"""Every setting once: type, limits, default, label, help and effect; checks, file, form and diff come from it."""

from cmcdesk.rules.settings.advanced import Advanced, EnvelopeFrom
from cmcdesk.rules.settings.check import (
    check_beside,
    check_composition,
    check_compositions,
    defaults_of,
    initial_compositions,
)
from cmcdesk.rules.settings.composition import Composition
from cmcdesk.rules.settings.describe import Setting, describe, describe_path
from cmcdesk.rules.settings.diff import Change, diff, diff_smtp_users, is_same
from cmcdesk.rules.settings.errors import FieldError, SettingsError
from cmcdesk.rules.settings.file import read_settings_file, write_settings_file
from cmcdesk.rules.settings.form import read_form
from cmcdesk.rules.settings.receiving import Receiving, Security
from cmcdesk.rules.settings.relay import Relay
from cmcdesk.rules.settings.secrets import keep_secrets, mask_secrets
from cmcdesk.rules.settings.sending import Forwarding, ForwardingFilter, SpeedFilter
from cmcdesk.rules.settings.webhooks import Condition, EventWebhook, InboundFilter

__all__ = [
    "Advanced",
    "Change",
    "Composition",
    "Condition",
    "EnvelopeFrom",
    "EventWebhook",
    "FieldError",
    "Forwarding",
    "ForwardingFilter",
    "InboundFilter",
    "Receiving",
    "Relay",
    "Security",
    "Setting",
    "SettingsError",
    "SpeedFilter",
    "check_beside",
    "check_composition",
    "check_compositions",
    "defaults_of",
    "describe",
    "describe_path",
    "diff",
    "diff_smtp_users",
    "initial_compositions",
    "is_same",
    "keep_secrets",
    "mask_secrets",
    "read_form",
    "read_settings_file",
    "write_settings_file",
]
