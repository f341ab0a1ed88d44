"""Yahoo! JAPAN Mail: delivery failures."""

from collections.abc import Callable

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]


def test_it_opens_with_its_name_and_reasons_end_with_the_servers(bounce: Bounce) -> None:
    octets = bounce("yahoo-japan/two-recipients", failed=("a@yahoo.co.jp", "b@yahoo.co.jp")).octets
    assert b"\r\n\r\nMessage from yahoo.co.jp.\r\nUnable to deliver message to the following address(es).\r\n" in octets
    assert b"<a@yahoo.co.jp>:\r\nThis user doesn't have a yahoo.co.jp account (a@yahoo.co.jp) [-5] - mta7149." in octets
    assert (
        b"<b@yahoo.co.jp>:\r\nSorry, your message to b@yahoo.co.jp cannot be delivered. This account is over" in octets
    )
