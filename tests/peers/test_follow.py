"""Given a drill in bad weather, when I follow it with `oncall logs -f` until its writers have stopped, then
exactly the events of the server's ledger were printed, none twice.

ONCALL_LONG=1 follows the bad weather for two minutes."""

import collections
import json
import os
import re
import signal
import subprocess
import time
import unittest

import following
import harness
from following import Following, Place, meanwhile, stage


def load_tests(loader, tests, pattern):
    Started.suite = tests
    return tests


class Started:
    suite = ()


def setUpModule():
    harness.binary()
    following.start_all(Started.suite)


# ---------------------------------------------------------------- scenarios

def scenario(*parts):
    return "\n".join([
        'name = "town"', 'summary = "A town to follow."', "seed = 77", 'page_lead = "4m"',
        "[fields]", "id = { hex = 12 }", "[[clusters]]", 'name = "town"', "hosts = 2", *parts,
    ])


def service(name, *more, tasks=4, rate=15, message="${time} ${service} did ${id}", group=None, timing="weight = 1",
            template=""):
    """A service that begins to write four seconds after the drill, when its ledger has begun for sure."""
    return "\n".join([
        "[[services]]", f'name = "{name}"', 'cluster = "town"', f"desired = {tasks}", 'since = "-9d"', *more,
        "[[services.containers]]", 'name = "app"', f'image = "registry.example/{name}:1"',
        f'log = {{ driver = "awslogs", group = "{group or f"/town/{name}"}", stream_prefix = "{name}" }}',
        f"rate = {rate}", "[[services.containers.templates]]", timing, 'from = "+244s"',
        f"message = '{message}'", template,
    ])


# Sixty events a second in four streams, half of them up to three seconds late.
USUAL = scenario(service("api", tasks=2), service("slow", 'lag = ["300ms", "3s"]', tasks=2))
USUAL_GROUPS = ["/town/api", "/town/slow"]


def follow(place, *more, target="/town/*", since="1m", **variables):
    return place.follow("logs", "-f", target, "--since", since, *more, **variables)


# ---------------------------------------------------------------- the weather

class BadWeather(Following):
    """Every 7th call throttled, every 11th a 500, every 13th cut in its middle, half of the streams late."""

    GROUPS = ["/ecs/follow-late", "/ecs/follow-prompt"]
    FAULTS = ["--fault", "throttle:7", "--fault", "error:11", "--fault", "cut:13"]

    def followed(self, live, faults=tuple(FAULTS), **more):
        with stage() as things:
            place = Place(
                things, following.SCENARIOS / "follow.toml", *faults, seconds=following.SECONDS)
            follower = follow(place, "--live", live, target="/ecs/follow-*")
            if live == "only":
                place.sleep_until(place.seconds + place.lag + 3)
            else:
                place.settle([follower], self.GROUPS, following.SWEEP)
            place.end([follower])
            self.assertFollowed(place, follower, **more)
            self.assertGreater(len(follower.printed), place.seconds * 80)
            return follower

    @meanwhile
    def test_by_polls(self):
        follower = self.followed("never")
        self.assertTrue(all("id" in printed.record for printed in follower.printed))
        self.assertGreater(follower.count("throttles?"), 0, follower)
        self.assertGreater(follower.count("retries|retry"), 0, follower)

    @meanwhile
    def test_by_polls_and_live_tail(self):
        follower = self.followed("auto")
        self.assertGreater(follower.count("throttles?"), 0, follower)
        self.assertGreater(follower.count("retries|retry"), 0, follower)
        self.assertTrue(any("id" not in printed.record for printed in follower.printed), follower)

    @meanwhile
    def test_by_live_tail_alone_nothing_is_printed_twice(self):
        # What Live Tail did not send is what nobody brings then.
        self.followed("only", only_among=True)

    @meanwhile
    def test_in_good_weather_live_tail_alone_has_them_all(self):
        self.followed("only", faults=())


class Readers(Following):
    """Whoever reads on the other side of the pipe."""

    @meanwhile
    def test_head_ends_it_though_lines_go_on(self):
        self.assertHeadEnds(3, scenario(service("api")))

    @meanwhile
    def test_head_ends_it_though_no_line_comes_any_more(self):
        silent = service("api", tasks=1, timing='every = "1s"\nto = "+247s"')
        self.assertHeadEnds(3, scenario(silent))

    @meanwhile
    def test_head_ends_it_in_the_built_in_drill(self):
        with stage() as things:
            home = harness.Home()
            things.callback(home.remove)
            self.assertEndsSoon(home.environment(), "--drill logs -f api --since 1m", 3)

    def assertHeadEnds(self, count, text):
        with stage() as things:
            place = Place(things, text)
            self.assertEndsSoon(place.environment, "logs -f /town/api --since 1m", count)

    def assertEndsSoon(self, environment, command, count):
        """`head` says when it has what it wants; the pipe has to be over soon after that."""
        script = f'"$ONCALL" {command} | {{ head -{count}; date +%s.%N >&2; }}; echo "${{PIPESTATUS[0]}}" >&2'
        ended = subprocess.run(
            ["bash", "-c", script], env={**environment, "ONCALL": harness.binary()}, timeout=60,
            stdin=subprocess.DEVNULL, capture_output=True)
        over = time.time()
        self.assertEqual(count, len(harness.lines(ended.stdout)), ended.stderr)
        *said, had_it, code = ended.stderr.decode().split("\n")[:-1]
        self.assertEqual("0", code, ended.stderr)
        self.assertLess(over - float(had_it), 3)
        self.assertFalse([line for line in said if "error" in line], ended.stderr)


class Twins(Following):
    """Events that nothing tells apart."""

    TEXT = scenario(service(
        "api", tasks=2, rate=2,
        template="\n".join([
            "[[services.containers.templates]]", 'every = "500ms"', 'from = "+244s"',
            'lines = ["tick", "tick", "tick", "tock", "tick"]'])))

    def followed(self, live, *faults):
        with stage() as things:
            place = Place(things, self.TEXT, *faults)
            follower = follow(place, "--live", live)
            place.settle([follower], ["/town/api"], following.SWEEP)
            place.end([follower])
            self.assertFollowed(place, follower)
            counted = collections.Counter(follower.events)
            self.assertEqual(4, max(counted.values()), "the scenario has four of a kind")

    @meanwhile
    def test_all_are_kept_by_polls(self):
        self.followed("never")

    @meanwhile
    def test_all_are_kept_by_both(self):
        self.followed("auto")

    @meanwhile
    def test_all_are_kept_when_live_tail_loses_some(self):
        self.followed("auto", "--fault", "lose:3")


# ---------------------------------------------------------------- Live Tail

class LiveTail(Following):
    """Live Tail is a hint, and FilterLogEvents the truth."""

    def followed(self, *faults, text=USUAL, groups=USUAL_GROUPS, live="auto", sweep=0, target="/town/*"):
        with stage() as things:
            place = Place(things, text, *faults)
            follower = follow(place, "--live", live, target=target)
            place.settle([follower], groups, sweep)
            place.end([follower])
            self.assertFollowed(place, follower)
            return follower

    def assertLive(self, follower):
        live = [printed for printed in follower.printed if "id" not in printed.record]
        self.assertGreater(len(live), 20, f"nothing came live\n{follower!r}")

    def assertPolled(self, follower):
        self.assertTrue(all("id" in printed.record for printed in follower.printed), follower)

    @meanwhile
    def test_in_good_weather(self):
        follower = self.followed(sweep=following.SWEEP)
        self.assertLive(follower)

    @meanwhile
    def test_sampled_seconds_are_filled_up(self):
        bursts = service(
            "api", tasks=4, rate=5, template="\n".join([
                "[[services.containers.templates]]", "rate = 300", 'from = "+244s"', 'wave = "burst"',
                'message = "${time} burst ${id}"']))
        text = scenario("[waves.burst]", 'from = "+244s"', 'every = "8s"', 'on = "1500ms"', bursts)
        follower = self.followed(text=text, groups=["/town/api"])
        self.assertLive(follower)
        self.assertGreater(follower.count("recovered"), 100, follower)

    @meanwhile
    def test_a_connection_that_drops_is_opened_again(self):
        self.assertLive(self.followed("--fault", "drop:4"))

    @meanwhile
    def test_lost_updates_are_recovered(self):
        follower = self.followed("--fault", "lose:4", sweep=following.SWEEP)
        self.assertLive(follower)
        self.assertGreater(follower.count("recovered"), 10, follower)

    @meanwhile
    def test_a_session_that_ends_is_renewed(self):
        self.assertLive(self.followed("--live-limit", "5s", sweep=following.SWEEP))

    @meanwhile
    def test_a_session_that_dies_without_a_word_holds_nothing_up(self):
        follower = self.followed("--fault", "stall:4")
        # The polls have to have gone on: nothing waits for the dead.
        slow = [printed for printed in follower.printed if printed.delay > 20_000]
        self.assertFalse(slow, follower)

    @meanwhile
    def test_no_session_left(self):
        follower = self.followed("--live-sessions", 0)
        self.assertPolled(follower)
        self.assertSays(r"(?i)live tail.*(session|limit)", follower)

    @meanwhile
    def test_one_session_for_two_followers(self):
        with stage() as things:
            place = Place(things, USUAL, "--live-sessions", 1)
            first = follow(place)
            place.sleep_until(3)
            second = follow(place)
            place.settle([first, second], USUAL_GROUPS)
            place.end([first, second])
            for follower in (first, second):
                self.assertFollowed(place, follower)
            self.assertLive(first)
            self.assertSays(r"(?i)live tail.*(session|limit)", second)

    @meanwhile
    def test_no_permission(self):
        follower = self.followed("--fault", "deny@StartLiveTail")
        self.assertPolled(follower)
        self.assertSays("logs:StartLiveTail", follower)

    @meanwhile
    def test_an_endpoint_without_it(self):
        follower = self.followed("--fault", "absent@StartLiveTail")
        self.assertPolled(follower)
        self.assertSays("(?i)live tail", follower)

    @meanwhile
    def test_an_endpoint_that_never_answers_it(self):
        self.followed("--fault", "hang:1@StartLiveTail")

    @meanwhile
    def test_more_than_ten_groups(self):
        names = [f"group-{letter}" for letter in "abcdefghijkl"]
        text = scenario(*(service(name, tasks=1, rate=3) for name in names))
        follower = self.followed(text=text, groups=[f"/town/{name}" for name in names])
        self.assertSays("(?i)live tail.*(ten|10)", follower)


# ---------------------------------------------------------------- trouble

class Trouble(Following):
    def followed(self, *faults, text=USUAL, groups=USUAL_GROUPS, live="auto", sweep=0, meanwhile=None, **more):
        with stage() as things:
            place = Place(things, text, *faults, **more)
            follower = follow(place, "--live", live)
            if meanwhile:
                meanwhile(place, follower)
            place.settle([follower], groups, sweep)
            place.end([follower])
            self.assertFollowed(place, follower)
            return follower

    @meanwhile
    def test_events_from_the_future_move_nothing(self):
        text = scenario(
            service("api", 'ahead = "90m"', tasks=1), service("fast", 'ahead = "3s"', tasks=1),
            service("slow", 'lag = ["300ms", "8s"]', tasks=2))
        self.followed(text=text, groups=["/town/api", "/town/fast", "/town/slow"], sweep=following.SWEEP)

    @meanwhile
    def test_events_from_the_future_move_nothing_by_polls(self):
        text = scenario(
            service("api", 'ahead = "90m"', tasks=1), service("slow", 'lag = ["300ms", "8s"]', tasks=2))
        self.followed(text=text, groups=["/town/api", "/town/slow"], live="never", sweep=following.SWEEP)

    @meanwhile
    def test_what_is_a_minute_late_is_marked_and_there(self):
        # One group, so that the late ones come after ones of their own source that are ten seconds later.
        text = scenario(
            service("api", tasks=2), service("slow", 'lag = ["40s", "60s"]', tasks=1, group="/town/api"))
        follower = self.followed(text=text, groups=["/town/api"], live="never", seconds=30, lag=60)
        late = [printed.event.stream.split("/")[0] for printed in follower.printed if printed.record.get("late")]
        self.assertEqual({"slow"}, set(late), follower)

    @meanwhile
    def test_keys_that_are_good_again_after_a_while(self):
        follower = self.followed("--expire-after", "8s", "--expire-for", "8s")
        self.assertSaysOnce("(?i)expired", follower)

    @meanwhile
    def test_a_new_login_in_the_middle(self):
        def profile(key):
            return f"[default]\naws_access_key_id = {key}\naws_secret_access_key = x\nregion = us-east-1\n"

        with stage() as things:
            place = Place(things, USUAL, "--expire-after", "8s")
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
                del place.environment[name]
            place.home.write("aws/credentials", profile("AKIAOLDOLDOLDOLDOLD0"))
            follower = follow(place, "--live", "never")
            place.sleep_until(16)
            place.home.write("aws/credentials", profile("AKIANEWNEWNEWNEWNEW0"))
            place.settle([follower], USUAL_GROUPS)
            place.end([follower])
            self.assertFollowed(place, follower)
            self.assertSaysOnce("(?i)expired", follower)

    def slept(self, live):
        def sleep(place, follower):
            place.sleep_until(5)
            follower.signal(signal.SIGSTOP)
            place.sleep_until(25)
            follower.signal(signal.SIGCONT)

        self.followed(live=live, meanwhile=sleep, sweep=following.SWEEP)

    @meanwhile
    def test_a_laptop_that_slept(self):
        self.slept("auto")

    @meanwhile
    def test_a_laptop_that_slept_while_it_polled(self):
        self.slept("never")

    @meanwhile
    def test_a_server_that_hangs_now_and_then(self):
        with stage() as things:
            place = Place(things, USUAL, "--fault", "hang:9@FilterLogEvents")
            follower = place.follow(
                "--timeout", "2s", "logs", "-f", "/town/*", "--since", "1m", "--live", "never")
            # Nobody else may ask: boto3 would hang as well, and shift the turns.
            place.sleep_until(place.seconds + place.lag + following.SWEEP)
            place.end([follower])
            self.assertFollowed(place, follower)

    @meanwhile
    def test_resets(self):
        self.followed("--fault", "reset:4")

    @meanwhile
    def test_several_share_one_account(self):
        with stage() as things:
            place = Place(things, USUAL, "--tps", "FilterLogEvents=5")
            followers = [follow(place, "--live", "never") for _ in range(4)]
            place.settle(followers, USUAL_GROUPS)
            place.end(followers)
            for follower in followers:
                self.assertFollowed(place, follower)
                delays = sorted(printed.delay for printed in follower.printed)
                self.assertLess(delays[len(delays) // 2], 12_000, "it starves")

    @meanwhile
    def test_history_and_life_are_one(self):
        """Fifteen minutes of history are read while life goes on: both, once, and in order of time."""
        text = USUAL.replace('from = "+244s"', "")
        with stage() as things:
            place = Place(things, text)
            since = harness.millis(place.drill.endpoint["time"]) - 300_000
            follower = follow(place, since=harness.rfc3339(since))
            place.sleep_until(place.seconds + place.lag + 1)
            logs = harness.client("logs", place.drill.url)
            expected = [
                following.Event(group, event["logStreamName"], event["timestamp"], harness.told(event["message"]))
                for group in USUAL_GROUPS
                for event in harness.by_filter_log_events(logs, group, startTime=since)
            ]
            follower.wait_for(lambda: len(follower.printed) >= len(expected), 60, "all was printed")
            time.sleep(following.SWEEP)
            follower.interrupt()
            self.assertSameEvents(expected, follower)
            history = [printed.event.time for printed in follower.printed][:15_000]
            self.assertEqual(sorted(history), history, "history is not in order of time")


# ---------------------------------------------------------------- moto

class Tasks(Following):
    """Tasks that stop and start while they are followed."""

    @meanwhile
    def test_a_task_is_followed_until_it_stops(self):
        with stage() as things:
            place = Place(things, scenario(service("api", tasks=2), self.STOP), seconds=100)
            at = follow(place, "-n", "0", target="api")
            at.wait_for(lambda: at.printed, 30, "the first line")
            task = at.printed[0].record["task"]
            follower = place.follow("logs", "-f", "--until-stopped", task, "--live", "never")
            searcher = place.follow(
                "logs", "grep", "-f", "did .*[0-9]", "--until-stopped", task, "--live", "never")
            for each in (follower, searcher):
                each.process.wait(90)
                each.interrupt()
            at.interrupt()
            self.assertEqual("task_stopped", searcher.printed[-1].record["kind"], searcher)
            self.assertEqual(1, searcher.process.returncode, searcher)
            *lines, last = [printed.record for printed in follower.printed]
            self.assertEqual({task}, {record["task"] for record in lines}, follower)
            told = {key: last[key] for key in ("kind", "task", "service", "exit_code", "reason")}
            self.assertEqual({
                "kind": "task_stopped", "task": task, "service": "api", "exit_code": 137,
                "reason": "OutOfMemoryError: it leaked"}, told)
            self.assertEqual(1, follower.process.returncode, follower)
            # And whoever follows the service is told.
            self.assertSays(rf"(?m)^- town/api task {task[:8]} \(town-api:1\): exit 137, OutOfMemoryError", at)
            self.assertSays(r"(?m)^\+ town/api task [0-9a-f]{8} \(town-api:1\)", at)

    STOP = """
        [[timeline]]
        at = "+270s"
        stop = { service = "api", share = 1.0, exit_code = 137, reason = "OutOfMemoryError: it leaked" }
    """


class OnMoto(Following):
    """An endpoint by others. Its Live Tail is not the service's: each session tells the whole past at once,
    and closes."""

    def followed(self, live):
        with stage() as things:
            url = things.enter_context(harness.moto())
            home = harness.Home()
            things.callback(home.remove)
            logs = harness.client("logs", url)
            put = []
            write(logs, put, "/moto/one", "first")
            environment = home.environment(AWS_ENDPOINT_URL=url, **harness.KEYS)
            follower = following.Follower(
                environment, "logs", "-f", "/moto/*", "--since", "1m", "--live", live)
            things.callback(follower.close)
            for turn in range(20):
                write(logs, put, "/moto/one", "first")
                if turn > 4:
                    write(logs, put, "/moto/one", "second")
                if turn > 8:
                    write(logs, put, "/moto/two", "third")
                time.sleep(1)
            follower.wait_for(lambda: len(follower.printed) >= len(put), 90, "all was printed")
            time.sleep(5)
            follower.interrupt()
            self.assertSameEvents(put, follower)
            self.assertEqual(130, follower.process.returncode, follower)
            self.assertSays(r"(?m)^\+ .*/moto/two", follower)
            self.assertReadable(follower.stderr)

    @meanwhile
    def test_what_boto3_puts_is_followed_with_new_streams_and_groups(self):
        self.followed("never")

    @meanwhile
    def test_a_live_tail_that_tells_the_past_again_and_again_repeats_nothing(self):
        self.followed("auto")


def write(logs, put, group, stream):
    """Three events of now, the last of them a twin of the second."""
    for make in (
        lambda: logs.create_log_group(logGroupName=group),
        lambda: logs.create_log_stream(logGroupName=group, logStreamName=stream),
    ):
        try:
            make()
        except logs.exceptions.ResourceAlreadyExistsException:
            pass
    now = int(time.time() * 1000)
    texts = [f"{group} {len(put)}", "the same", "the same"]
    logs.put_log_events(
        logGroupName=group, logStreamName=stream, logEvents=[{"timestamp": now, "message": text} for text in texts])
    put += [following.Event(group, stream, now, text) for text in texts]
