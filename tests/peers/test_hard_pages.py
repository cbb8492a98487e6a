"""Given a FilterLogEvents that does what the real one is known to do on a bad day, when I read the
group, then I get every event that can be had, once, and am told of the rest."""

import json

import fakecloud
import harness
from fakecloud import START, event

SPAN = 60_000
WINDOW = ["--since", START, "--until", START + SPAN]


def pages_of(events, size=100):
    """A well-behaved service over these events: the window is heeded, its end included."""

    def answer(request, _times):
        wanted = [e for e in events if request["startTime"] <= e["timestamp"] <= request["endTime"]]
        first = int(request.get("nextToken", "0"))
        limit = min(size, request.get("limit", size))
        page = {"events": wanted[first:first + limit], "searchedLogStreams": []}
        if first + limit < len(wanted):
            page["nextToken"] = str(first + limit)
        return page

    return answer


class HardPages(harness.Spec):
    def read(self, pages, *more):
        self.cloud = fakecloud.FakeCloud(pages=pages)
        with fakecloud.serving(self.cloud) as url:
            oncall = harness.Oncall(self.home, AWS_ENDPOINT_URL=url, **harness.KEYS)
            return oncall("--budget", "unlimited", "logs", "group:/fake", *WINDOW, *more)

    def assertMessages(self, expected, result):
        self.assertEqual(expected, [record["message"] for record in result.records])

    def ordinary(self, count=20):
        return [event(START + number * 1000, f"event {number}", number) for number in range(count)]

    def test_half_a_surrogate_pair_is_replaced_and_only_that_event_says_so(self):
        events = self.ordinary()
        events[7]["message"] = "HERE"
        events[8]["message"] = "whole pair 🚒"
        page = json.dumps({"events": events}).replace('"HERE"', r'"half \ud83d of a pair"').encode()
        self.assertIn(rb"\ud83d of", page)
        result = self.read(lambda *_: fakecloud.Reply(page))
        self.assertCode(0, result)
        expected = [e["message"] for e in events]
        expected[7] = "half \ufffd of a pair"
        self.assertMessages(expected, result)
        repaired = [number for number, record in enumerate(result.records) if "repaired" in record]
        self.assertEqual([7], repaired)
        self.assertIs(True, result.records[7]["repaired"])

    def test_an_event_that_cannot_be_decoded_costs_its_millisecond_and_no_more(self):
        events = self.ordinary(50)
        bad = START + 23_456
        events.append(event(bad, 12345, 99))
        # A neighbour in the very same millisecond, which comes first, can still be read.
        events.append(event(bad - 1, "just before", 98))
        events.append(event(bad + 1, "just after", 100))
        events.sort(key=lambda e: (e["timestamp"], e["eventId"]))
        result = self.read(pages_of(events))
        self.assertCode(3, result)
        self.assertMessages([e["message"] for e in events if e["message"] != 12345], result)
        missing = [line for line in result.stderr.splitlines() if line.startswith("missing:")]
        moment = harness.rfc3339(bad)
        self.assertEqual(1, len(missing), result)
        self.assertIn(f"from {moment} to {moment}", missing[0])
        self.assertLess(len(self.cloud.asked("FilterLogEvents")), 100, "the interval is halved, not walked")

    def test_two_bad_events_far_apart_are_two_gaps(self):
        events = self.ordinary(50)
        bad = [START + 5_500, START + 40_500]
        events += [event(moment, {"no": "text"}, 90 + n) for n, moment in enumerate(bad)]
        events.sort(key=lambda e: e["timestamp"])
        result = self.read(pages_of(events))
        self.assertCode(3, result)
        self.assertMessages([f"event {n}" for n in range(50)], result)
        missing = [line for line in result.stderr.splitlines() if line.startswith("missing:")]
        self.assertEqual(2, len(missing), result)

    def test_empty_pages_with_a_token_are_not_the_end(self):
        events = self.ordinary()

        def pages(request, _times):
            step = int(request.get("nextToken", "0"))
            page = {"events": [] if step % 3 else events[step // 3 * 5:step // 3 * 5 + 5]}
            if step < 11:
                page["nextToken"] = str(step + 1)
            return page

        result = self.read(pages)
        self.assertCode(0, result)
        self.assertMessages([e["message"] for e in events], result)

    def test_the_same_token_twice_is_not_the_end_either(self):
        events = self.ordinary()

        def pages(request, times):
            if "nextToken" not in request:
                return {"events": events[:5], "nextToken": "again"}
            if times < 5:
                return {"events": [], "nextToken": "again"}
            return {"events": events[5:]}

        result = self.read(pages)
        self.assertCode(0, result)
        self.assertMessages([e["message"] for e in events], result)

    def test_the_same_token_for_ever_is_told(self):
        events = self.ordinary()

        def pages(request, _times):
            return {"events": [] if "nextToken" in request else events, "nextToken": "for ever"}

        result = self.read(pages)
        self.assertCode(3, result)
        self.assertMessages([e["message"] for e in events], result)
        self.assertRegex(result.stderr, "(?m)^missing: /fake")

    def test_an_event_that_comes_again_on_the_next_page_is_printed_once(self):
        events = self.ordinary()

        def pages(request, _times):
            if "nextToken" not in request:
                return {"events": events[:12], "nextToken": "more"}
            return {"events": events[10:]}

        result = self.read(pages)
        self.assertCode(0, result)
        self.assertMessages([e["message"] for e in events], result)

    def test_equal_texts_at_equal_times_are_as_many_as_they_are(self):
        events = [event(START + 5, "twin", number) for number in range(250)]
        result = self.read(pages_of(events))
        self.assertCode(0, result)
        self.assertMessages(["twin"] * 250, result)

    def test_a_throttle_is_waited_out(self):
        events = self.ordinary()
        good = pages_of(events)

        def pages(request, times):
            if times <= 3:
                return fakecloud.refusal("ThrottlingException", "Rate exceeded")
            return good(request, times)

        result = self.read(pages)
        self.assertCode(0, result)
        self.assertMessages([e["message"] for e in events], result)

    def test_a_token_that_has_expired_is_read_around(self):
        events = self.ordinary(40)
        good = pages_of(events, size=10)

        def pages(request, times):
            if times == 3:
                return fakecloud.refusal("InvalidParameterException", "The specified nextToken is invalid.")
            return good(request, times)

        result = self.read(pages)
        self.assertCode(0, result)
        self.assertMessages([e["message"] for e in events], result)

    def test_a_failure_in_the_middle_keeps_what_was_read(self):
        events = self.ordinary(40)
        good = pages_of(events, size=10)

        def pages(request, times):
            if request.get("nextToken") == "20":
                return fakecloud.refusal("AccessDeniedException", "no longer authorized")
            return good(request, times)

        result = self.read(pages)
        self.assertCode(3, result)
        self.assertMessages([e["message"] for e in events[:20]], result)
        self.assertRegex(result.stderr, "(?m)^missing: /fake")

    def test_long_lines_and_control_characters_pass_json_unharmed(self):
        texts = [
            "x" * 1_000_000, "\x00 nul", "\x1b[2J\x1b]0;title\x07", "tab\tcr\rlf\nend\n", "\u202eabc\u2066",
            "\x7f\x85\u2028\u2029", '{"msg":"in\\u0000side","raw":"\\u001b[31m"}', "", " ", "\ufeffbom",
        ]
        events = [event(START + number, text, number) for number, text in enumerate(texts)]
        result = self.read(lambda *_: {"events": events})
        self.assertCode(0, result)
        records = result.records
        plain = [n for n, text in enumerate(texts) if not text.startswith("{")]
        self.assertEqual([texts[n] for n in plain], [records[n]["message"] for n in plain])
        self.assertEqual({"msg": "in\0side", "raw": "\x1b[31m"}, records[6]["fields"])
        for line in result.stdout.split(b"\n"):
            self.assertNotRegex(line.decode(), "[\x00-\x1f]", "JSON carries control characters escaped")
        raw = self.read(lambda *_: {"events": events}, "-o", "raw")
        self.assertEqual("".join(text + "\n" for text in texts), raw.text)
