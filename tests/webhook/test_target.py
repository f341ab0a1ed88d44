from cmcdesk.webhook.target import Target, find_event_target, find_target

SETTINGS = {
    "inbound_webhook": [
        {"name": "a", "endpoint": "https://a.example/", "format": "json"},
        {"name": "b", "endpoint": "https://b.example/", "format": "multipart", "api_key": "k", "basic": "u:p"},
    ]
}


def test_a_filter_is_found_by_its_name() -> None:
    assert find_target(SETTINGS, "a") == Target("https://a.example/", "json")
    assert find_target(SETTINGS, "b") == Target("https://b.example/", "multipart", api_key="k", basic="u:p")
    assert find_target(SETTINGS, "c") is None
    assert find_target({}, "a") is None


def test_authorization() -> None:
    assert Target("", "json").authorization == ""
    assert Target("", "json", basic="Aladdin:open sesame").authorization == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert Target("", "json", basic="test:123£").authorization == "Basic dGVzdDoxMjPCow=="  # RFC 7617 §2.1
    assert Target("", "json", bearer="t").authorization == "Bearer t"


def test_every_secret_is_masked_the_longer_ones_first() -> None:
    target = Target("", "json", api_key="key", basic="user:secret", bearer="secret-token")
    text = f"key, user:secret, secret, secret-token, {target.authorization}"
    masked = target.mask(text)
    assert masked == "********, ********, ********, ********, Basic ********"
    assert Target("", "json").mask("nothing to hide") == "nothing to hide"


def test_events_go_where_the_composition_says() -> None:
    event = {"endpoint": "https://a.example/", "format": "form", "api_key": "k", "basic": "", "bearer": "t"}
    assert find_event_target({"event_webhook": event}) == Target("https://a.example/", "form", api_key="k", bearer="t")
    assert find_event_target({"event_webhook": event | {"endpoint": ""}}) is None
    assert find_event_target(SETTINGS) is None
