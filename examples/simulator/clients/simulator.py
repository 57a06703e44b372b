"""A client of the simulator of passcode vendors, with the standard library alone. Copy it."""

import json
import os
import urllib.error
import urllib.parse
import urllib.request

KEYS = {"insider": {"X-INS-AUTH-KEY": "insider-simulator-key"}}


def request(url, body=None, headers=None):
    """Returns the status and the JSON of an answer."""
    data = None if body is None else json.dumps(body).encode()
    call = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(call, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


class Phone:
    """One phone number, and what happens to it alone. A test takes a number that no other test uses."""

    def __init__(self, number, base=None):
        self.number = number
        self.base = base or os.environ.get("SIMULATOR", "http://127.0.0.1:8025")

    def _call(self, path, body=None, **query):
        url = f"{self.base}/api/{path}"
        if query:
            url += "?" + urllib.parse.urlencode(query)
        status, answer = request(url, body)
        if status != 200:
            raise RuntimeError(answer["error"])
        return answer

    def messages(self):
        """The texts that it received, newest first."""
        return self._call("messages", to=self.number)["messages"]

    def next_code(self, after=None, timeout="30s"):
        """The message with its newest code, or the first after the message with the id after. Waits for it."""
        query = {} if after is None else {"after": after}
        return self._call("codes/next", to=self.number, timeout=timeout, **query)

    def fail(self, vendor, fault, **more):
        """Lets the next request about it fail, or times=N, or only on="send" or on="verify"."""
        return self._call("faults", {"vendor": vendor, "fault": fault, "to": self.number, **more})["faults"]

    def faults(self):
        """The faults that no request has met yet."""
        return self._call("faults", to=self.number)["faults"]

    def quirks(self, vendor, *quirks):
        """Chooses among what the vendor's pages leave open; none = the usual reading."""
        return self._call("quirks", {"vendor": vendor, "quirks": quirks, "to": self.number})

    def receipts(self, vendor, *statuses, after="0s"):
        """What becomes of every further text to it, and how late the vendor reports that."""
        body = {"vendor": vendor, "statuses": statuses, "after": after, "further": True}
        return self._call("receipts", {**body, "to": self.number})

    def advance(self, time):
        """Makes its codes older, and its late receipts come: "5m"."""
        return self._call("clock", {"advance": time, "to": self.number})

    def reset(self):
        """Forgets its messages, codes, faults and quirks."""
        return self._call("reset", {"to": self.number})
