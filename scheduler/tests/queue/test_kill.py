"""kill -9 of whoever delivers, at any point: nothing is lost, and what comes twice bears the same Message-ID."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from threading import Event, Timer

import pytest

from accounts.models import Message
from scheduler.tests.queue.conftest import Greet
from scheduler.tests.queue.figures import all_sent, let_claims_run_out, often, told
from scheduler.tests.queue.programs import Program, Programs
from scheduler.tests.queue.sink import ADDRESSED, STAGES, TAKEN, Sink

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True)]
AT_ONCE = 2
"""Messages that one worker, of two processes, may have in its hands."""


@dataclass
class Blow:
    """Kills a worker at a stage of one of its deliveries, or so many seconds after it."""

    worker: Program
    after: int
    stage: str
    seconds: float
    dealt: Event

    def __call__(self, stage: str) -> None:
        if stage != self.stage or self.dealt.is_set():
            return
        self.after -= 1
        if self.after < 0:
            self.dealt.set()
            if self.seconds:
                Timer(self.seconds, self.worker.kill).start()
            else:
                self.worker.kill()


def deliver_under_blows(start: Callable[[], Program], post_office: Sink, kills: int, seed: int) -> None:
    """Kill worker after worker, each time at another point; then let one live."""
    dice = Random(seed)
    for number in range(kills):
        worker = start()
        # Each lives long enough to finish what its predecessor left, so that no message dies twice.
        stage, seconds = STAGES[number % len(STAGES)], dice.choice((0, 0, dice.uniform(0, 0.02)))
        blow = Blow(worker, AT_ONCE + dice.randrange(2), stage, seconds, Event())
        post_office.at = blow
        assert blow.dealt.wait(30), f"the worker of kill {number} delivers nothing"
        worker.wait()
        let_claims_run_out()
    post_office.at = lambda _stage: None
    start()
    assert all_sent()


def assert_kept(messages: list[Message], post_office: Sink, kills: int) -> None:
    """Each has come, and at most once more than once, and no more of these than deliveries were killed."""
    figures = often(messages, post_office)
    print(f"{kills} kills, {len(figures)} messages: {told(figures)}: {figures}")  # noqa: T201  the proof's figures
    assert set(figures) <= {1, 2}
    assert sum(figures) - len(figures) <= AT_ONCE * kills
    assert sum(figures) == len(post_office.mails)


def test_a_sweep_when_it_is_killed(programs: Programs, post_office: Sink, greet: Greet) -> None:
    messages = greet(30)

    deliver_under_blows(lambda: programs.command("sweep"), post_office, kills=5, seed=4)

    assert_kept(messages, post_office, kills=5)


@pytest.mark.parametrize(("stage", "times"), [(ADDRESSED, 1), (TAKEN, 2)])
def test_a_sweep_when_it_is_killed_around_the_moment_of_truth(
    stage: str, times: int, programs: Programs, post_office: Sink, greet: Greet
) -> None:
    """Before the mail is taken it comes once; afterwards twice, for nobody can know that it was."""
    messages = greet(1)
    worker, killed = programs.command("sweep"), Event()
    post_office.at = Blow(worker, 0, stage, 0, killed)
    assert killed.wait(30)
    worker.wait()
    post_office.at = lambda _stage: None
    let_claims_run_out()

    programs.command("sweep")

    assert all_sent()
    assert often(messages, post_office) == [times]


@pytest.mark.parametrize(("kills", "number"), [(5, 30), pytest.param(30, 150, marks=pytest.mark.long)])
def test_a_celery_worker_when_it_is_killed(
    kills: int, number: int, queue: Programs, post_office: Sink, greet: Greet
) -> None:
    """What the dead had taken out of the queue is found in the database."""
    messages = greet(number)
    queue.beat()

    deliver_under_blows(queue.worker, post_office, kills=kills, seed=4)

    assert_kept(messages, post_office, kills=kills)
