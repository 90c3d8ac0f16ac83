"""kill -9 of whoever delivers, at any point: nothing is lost, and what comes twice bears the same Message-ID."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from threading import Event, Timer

import pytest

from accounts.models import Message
from scheduler.tests.queue.conftest import Greet
from scheduler.tests.queue.figures import all_sent, let_claims_run_out, often, told
from scheduler.tests.queue.programs import PATIENCE, Program, Programs
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


@dataclass(frozen=True)
class Blows:
    """How many workers are killed, each over so many messages."""

    kills: int
    portion: int
    seed: int = 4


def deliver_under_blows(start: Callable[[], Program], greet: Greet, post_office: Sink, blows: Blows) -> list[Message]:
    """Kill worker after worker, each at another point while it delivers a portion; the next one finishes that.

    So no message is delivered by two that are killed.
    """
    dice, messages, worker = Random(blows.seed), list[Message](), start()
    for number in range(blows.kills):
        stage = STAGES[number % len(STAGES)]
        seconds = 0 if stage == TAKEN else dice.choice((0, dice.uniform(0, 0.02)))
        blow = Blow(worker, dice.randrange(blows.portion - 1), stage, seconds, Event())
        post_office.at = blow
        messages += greet(blows.portion)
        assert blow.dealt.wait(PATIENCE), f"the worker of kill {number} delivers nothing"
        worker.wait()
        post_office.at = lambda _stage: None
        let_claims_run_out()
        worker = start()
        assert all_sent()
    return messages


def assert_kept(messages: list[Message], post_office: Sink, kills: int) -> None:
    """Each has come, some of those that were killed once more, none a third time."""
    figures = often(messages, post_office)
    print(f"{kills} kills, {len(figures)} messages: {told(figures)}: {figures}")  # noqa: T201  the proof's figures
    # Some must have: a worker that dies when the mail was taken cannot have written that down.
    assert set(figures) == {1, 2}
    assert sum(figures) - len(figures) <= AT_ONCE * kills
    assert sum(figures) == len(post_office.mails)


def test_a_sweep_when_it_is_killed(programs: Programs, post_office: Sink, greet: Greet) -> None:
    messages = deliver_under_blows(lambda: programs.command("sweep"), greet, post_office, Blows(5, 6))

    assert_kept(messages, post_office, kills=5)


@pytest.mark.parametrize(("stage", "times"), [(ADDRESSED, 1), (TAKEN, 2)])
def test_a_sweep_when_it_is_killed_around_the_moment_of_truth(
    stage: str, times: int, programs: Programs, post_office: Sink, greet: Greet
) -> None:
    """Before the mail is taken it comes once; afterwards twice, for nobody can know that it was."""
    messages = greet(1)
    worker, killed = programs.command("sweep"), Event()
    post_office.at = Blow(worker, 0, stage, 0, killed)
    assert killed.wait(PATIENCE)
    worker.wait()
    post_office.at = lambda _stage: None
    let_claims_run_out()

    programs.command("sweep")

    assert all_sent()
    assert often(messages, post_office) == [times]


@pytest.mark.parametrize("blows", [Blows(3, 10), pytest.param(Blows(30, 5), marks=pytest.mark.long)], ids=str)
def test_a_celery_worker_when_it_is_killed(blows: Blows, queue: Programs, post_office: Sink, greet: Greet) -> None:
    """What the dead had taken out of the queue is found in the database."""
    queue.beat()

    messages = deliver_under_blows(queue.worker, greet, post_office, blows)

    assert_kept(messages, post_office, kills=blows.kills)
