"""The forms in which a failed recipient is named."""

from cmcdesk.mail.bounce.phrases.naming import ASIDE, HOLE, LINES, SENTENCES


def test_a_form_means_one_of_the_addresses_that_it_sees() -> None:
    for form in (*LINES, *SENTENCES):
        assert form.groups == 1 and f"({HOLE})" in form.pattern and "@" not in form.pattern.replace("[^@", ""), form


def test_the_form_of_exim_sees_an_address_on_a_line_of_its_own() -> None:
    assert any(form.search(f"  {HOLE}") for form in LINES)
    assert not any(form.search(f"Please write to {HOLE} about it.") for form in LINES)


def test_an_address_behind_words_of_help_is_none() -> None:
    assert ASIDE.search("For further assistance, please contact ")
    assert not ASIDE.search("could not be delivered to ")
