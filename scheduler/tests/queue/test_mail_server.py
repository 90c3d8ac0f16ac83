"""The mail server refuses, hangs, or loses the connection: a message comes once, or is seen to have failed."""

import pytest

from accounts.models import Message
from scheduler.tests.queue.conftest import Greet
from scheduler.tests.queue.figures import all_sent, let_waits_run_out, often, unsent
from scheduler.tests.queue.programs import Programs, wait_until
from scheduler.tests.queue.sink import BUSY, HANG, KEEP, LOSE, NEVER, Sink

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True)]


def attempts_noted(message: Message, number: int) -> bool:
    """Whether so many have been made, and the last one's outcome written down."""

    def noted() -> bool:
        message.refresh_from_db()
        return message.attempts == number and message.claim is None

    return wait_until(noted)


def test_a_server_that_is_busy_three_times(programs: Programs, post_office: Sink, greet: Greet) -> None:
    # case 060
    post_office.answers = [BUSY] * 3
    [message] = greet(1)
    programs.command("sweep")

    for attempt in range(1, 4):
        assert attempts_noted(message, attempt)
        assert (message.last_error, message.failed_at) == ("smtp_451", None)
        let_waits_run_out()

    assert all_sent()
    assert (often([message], post_office), post_office.attempts) == ([1], 4)


def test_a_server_that_refuses_for_good(programs: Programs, post_office: Sink, greet: Greet) -> None:
    # case 060
    post_office.answers = [NEVER]
    [message, other] = greet(2)
    programs.command("sweep")

    assert wait_until(lambda: unsent() == 1)
    assert attempts_noted(message, 1)
    message.refresh_from_db()
    assert message.failed_at is not None
    assert message.last_error == "smtp_550"
    assert often([message, other], post_office) == [0, 1]


@pytest.mark.parametrize(("answer", "times"), [(LOSE, 1), (KEEP, 2)])
def test_a_server_that_is_lost_when_the_mail_has_come(
    answer: str, times: int, programs: Programs, post_office: Sink, greet: Greet
) -> None:
    """It either kept the mail or not; nobody can know, and it comes again with the same Message-ID."""
    post_office.answers = [answer]
    [message] = greet(1)
    programs.command("sweep")

    assert attempts_noted(message, 1)
    let_waits_run_out()

    assert all_sent()
    assert (often([message], post_office), len(post_office.mails)) == ([times], times)


def test_a_server_that_hangs(programs: Programs, post_office: Sink, greet: Greet) -> None:
    post_office.answers = [HANG]
    [message, other] = greet(2)
    programs.command("sweep")

    # The other one does not wait for longer than the time-out.
    assert wait_until(lambda: unsent() == 1)
    assert attempts_noted(message, 1)
    let_waits_run_out()

    assert all_sent()
    assert often([message, other], post_office) == [1, 1]


def test_no_server(programs: Programs, post_office: Sink, greet: Greet) -> None:
    [message] = greet(1)
    without = programs.command("sweep", EMAIL_URL="smtp://127.0.0.1:1")
    assert attempts_noted(message, 1)
    assert message.failed_at is None
    without.end()
    let_waits_run_out()

    programs.command("sweep")

    assert all_sent()
    assert often([message], post_office) == [1]
