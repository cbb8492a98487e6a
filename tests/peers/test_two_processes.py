"""Given an account whose quota two people use at once, when both read a busy window, then both get all
of it, and few of their calls are throttled: each finds its half of the pace."""

import concurrent.futures
import pathlib
import unittest

import harness
import summary

SCENARIO = pathlib.Path(__file__).parents[2] / "benches" / "scenarios" / "day.toml"
GROUP = "/ecs/bench-day"
# The quota of the region, as it is published: what each of the two takes to be there for it.
QUOTA = ["--tps", "published", "--latency", "100ms"]

# More than a hundred pages for each, so that the two of them take about ten seconds.
WINDOW_MS = 86_400_000
EVENTS = 500_000
LEAST_PAGES = 100
MOST_PERCENT = 10


class TwoProcesses(harness.Spec):
    def test_two_share_a_quota(self):
        until = harness.millis(harness.DRILL_NOW)
        since = until - WINDOW_MS
        with harness.Drill(self.home, SCENARIO, flags=QUOTA) as drill:
            oncall = harness.Oncall(self.home, **drill.variables)
            arguments = ["logs", *summary.flags(), f"group:{GROUP}", "--since", since, "--until", until, "-o", "raw"]
            with concurrent.futures.ThreadPoolExecutor(2) as people:
                results = list(people.map(lambda _: oncall(*arguments), range(2)))
        for result in results:
            self.assertCode(0, result)
            self.assertEqual(EVENTS, result.stdout.count(b"\n"), result.stderr)
        took = [summary.Taken(result.stderr) for result in results]
        self.assertGreater(min(taken.pages for taken in took), LEAST_PAGES, "it was too short to show anything")
        throttles, calls = sum(taken.throttles for taken in took), sum(taken.calls for taken in took)
        self.assertLess(100 * throttles / calls, MOST_PERCENT, f"{throttles} of {calls} calls were throttled")


if __name__ == "__main__":
    unittest.main()
