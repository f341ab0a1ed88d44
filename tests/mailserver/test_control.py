from tests.mailserver.conftest import StartMailServer, pro_settings


def test_a_line_that_is_no_command_is_passed_over(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    assert server.process.stdin is not None
    server.process.stdin.write("not json\n")
    server.process.stdin.flush()
    assert server.apply(pro_settings())[0] == "127.0.0.1"


def test_a_closed_pipe_ends_the_server(start_mail_server: StartMailServer) -> None:
    assert start_mail_server().stop() == 0


def test_a_terminate_signal_ends_it_as_a_closed_pipe_does(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    server.apply(pro_settings())
    server.process.terminate()
    assert server.process.wait(10) == 0
