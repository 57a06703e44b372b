"""Eight workers share one simulator, each a process with phone numbers of its own.

    SIMULATOR=http://127.0.0.1:8025 python3 -m unittest
"""

import concurrent.futures
import os
import time
import unittest

from simulator import KEYS, Phone, request

WORKERS = 8
ROUNDS = 25


class App:
    """Stands in for the program under test."""

    def __init__(self, base):
        self.base = base

    def _post(self, call, body):
        return request(f"{self.base}/insider/v1/{call}", body, KEYS["insider"])[0]

    def send(self, number):
        return self._post("generate", {"channel": "sms", "to": number, "code-length": 6})

    def verify(self, number, code):
        return self._post("check", {"to": number, "code": code})


def expect(got, want, what):
    if got != want:
        raise AssertionError(f"{what}: {got} instead of {want}")


def wait_for(ask, want):
    """What comes in the background takes a moment."""
    until = time.monotonic() + 10
    while ask() != want and time.monotonic() < until:
        time.sleep(0.01)
    expect(ask(), want, "what becomes of a text")


def work(base, worker):
    """One worker's tests. They fail if anything of another worker's reaches it."""
    app = App(base)
    for turn in range(ROUNDS):
        number = f"+1202555{worker:02}{turn:02}"
        phone = Phone(number, base)
        expect(phone.messages(), [], "a number that nobody has used")

        phone.fail("insider", "insufficient-funds", on="send", times=2)
        expect([app.send(number) for _ in range(3)], [402, 402, 202], "two sends fail, the third does not")
        expect(phone.faults(), [], "faults that are left")

        first = phone.next_code()
        expect(len(phone.messages()), 1, "texts")
        phone.advance("10m")
        expect(app.verify(number, first["code"]), 404, "a code that has expired")

        phone.receipts("insider", "undelivered" if worker % 2 else "read", after="1m")
        expect(app.send(number), 202, "a send")
        second = phone.next_code(after=first["id"])
        expect(second["state"], "pending", "a code is as old as its phone's clock says")
        expect(second.get("delivery"), None, "a receipt before its time")
        phone.advance("1m")
        wait_for(lambda: phone.messages()[0].get("delivery"), "undelivered" if worker % 2 else "read")
        if worker % 2:
            phone.fail("insider", "429", on="verify")
            expect(app.verify(number, second["code"]), 429, "a limit of its own")
        expect(app.verify(number, second["code"]), 202, "the right code")
        expect(phone.messages()[0]["state"], "verified", "the state")

        phone.quirks("insider", "DeadCodeIsWrong") if worker % 2 == 0 else None
        expect(app.verify(number, second["code"]), 401 if worker % 2 == 0 else 404, "a code that was used")
        phone.reset()
    return worker


class Simulator(unittest.TestCase):
    def setUp(self):
        self.base = os.environ.get("SIMULATOR", "http://127.0.0.1:8025")

    def test_workers_never_meet(self):
        with concurrent.futures.ProcessPoolExecutor(WORKERS) as pool:
            done = list(pool.map(work, [self.base] * WORKERS, range(WORKERS)))
        self.assertEqual(done, list(range(WORKERS)))

    def test_refusals_say_what_to_do(self):
        phone = Phone("+12025559999", self.base)
        with self.assertRaisesRegex(RuntimeError, "vendor: must be one of insider"):
            phone.fail("acme", "cut")
        with self.assertRaisesRegex(RuntimeError, "no code came for this number within 1ms"):
            phone.next_code(timeout="1ms")


if __name__ == "__main__":
    unittest.main()
