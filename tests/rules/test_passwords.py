"""Of a password only a hash is kept."""

from cmcdesk.rules.passwords import hash_password, is_hashed, is_password


def test_a_password_is_found_right_by_its_hash_alone() -> None:
    kept = hash_password("app", "naïve パスワード")
    assert "パスワード" not in kept
    assert is_password(kept, "app", "naïve パスワード")
    assert not is_password(kept, "app", "naïve")
    assert not is_password(kept, "other", "naïve パスワード")
    assert not is_password("", "app", "")


def test_the_same_password_has_the_same_hash_but_not_for_another_user() -> None:
    assert hash_password("a", "x") == hash_password("a", "x") != hash_password("b", "x")


def test_a_hash_is_told_from_a_password() -> None:
    assert is_hashed(hash_password("a", "x"))
    assert not any(map(is_hashed, ("", "x", "$scrypt$", "$scrypt$short=", hash_password("a", "x") + "\n")))
