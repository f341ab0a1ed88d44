"""The lines between the processes, and a child's end of its pipe."""

import os
import threading

import pytest

from cmcdesk.pipe import STOP, WAKE, ChildPipe, Command, decode_command, decode_told, encode

TOLD = {"telemetry": {"at": 1.5, "waiting": 3}}


@pytest.mark.parametrize("line", [b"not json\n", b"[1]\n", b"\xff\n", b'{"id": 1}\n', b'{"do": 1}\n'])
def test_what_is_no_command_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):
        decode_command(line)


def test_a_message_comes_as_it_was_sent_and_is_one_line() -> None:
    command: Command = {"do": "purge", "id": 3, "mails": [1, 2]}
    assert decode_command(encode(command)) == command
    assert decode_told(encode(TOLD)) == TOLD  # type: ignore[arg-type]
    assert encode({"listening": []}).count(b"\n") == 1


def test_commands_are_read_line_by_line_and_nonsense_is_passed_over() -> None:
    reading_end, writing_end = os.pipe()
    os.write(writing_end, b'{"do":"wake"}\nnonsense\n[1]\n{"other":1}\n{"do":"wa')
    os.write(writing_end, b'ke"}\n')
    os.close(writing_end)
    commands: list[Command] = []
    ChildPipe(commands.append, stdin=reading_end).read()
    os.close(reading_end)
    assert commands == [WAKE, WAKE, STOP]


def test_a_console_that_does_not_read_loses_ticks_and_no_answer() -> None:
    (stdin, stdin_end), (reading_end, stdout) = os.pipe(), os.pipe()
    is_over = threading.Event()
    pipe = ChildPipe(lambda _: is_over.set(), stdin, stdout)
    large = "x" * 1_000_000  # more than a pipe holds
    pipe.say({"id": 1, "ok": False, "errors": [{"composition": "", "field": "", "message": large}]})
    for at in range(100):
        pipe.say({"telemetry": {"at": float(at)}})  # each has to wait
    pipe.say({"id": 2, "ok": True, "purged": 7})
    pipe.start()
    with os.fdopen(reading_end, "rb") as heard:
        told = [decode_told(heard.readline()) for _ in range(2)]
    os.close(stdin_end)
    assert is_over.wait(10)
    for descriptor in (stdin, stdout):
        os.close(descriptor)
    assert [one["id"] for one in told if "ok" in one] == [1, 2]
