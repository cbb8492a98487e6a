"""Given an account in moto with 20,000 events, when I read logs with `oncall`, then I get exactly what
boto3 reads: the same events, in order of time, as text."""

import collections
import fnmatch
import json
import re
import unittest

import harness
import motoworld


def setUpModule():
    """One account for all specs: `oncall` only reads."""
    harness.binary()
    url = unittest.enterModuleContext(harness.moto())
    OnMoto.url, OnMoto.world = url, motoworld.World(url)


class OnMoto(harness.Spec):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.oncall = harness.Oncall(cls.home, AWS_ENDPOINT_URL=cls.url, **harness.KEYS)

    def window(self, within=None):
        since, until = within or (self.world.since, self.world.until)
        return ["--since", since, "--until", until]

    def assertSameEvents(self, expected, result):
        self.assertCode(0, result)
        printed = harness.lines(result.stdout)
        ours = [harness.of_oncall(line) for line in printed]
        theirs = [harness.of_boto(event) for event in expected]
        times = [time for time, _, _ in ours]
        self.assertEqual(sorted(times), times, "not in order of time")
        missing = collections.Counter(theirs) - collections.Counter(ours)
        surplus = collections.Counter(ours) - collections.Counter(theirs)
        self.assertFalse(missing or surplus, f"{len(theirs)} expected, {len(ours)} printed; missing "
                         f"{sum(missing.values())}: {list(missing)[:3]}; surplus "
                         f"{sum(surplus.values())}: {list(surplus)[:3]}\n{result.stderr}")
        self.assertTrue(expected, "an empty comparison compares nothing")


class Targets(OnMoto):
    def test_given_20000_events_boto3_reads_them_all(self):
        self.assertEqual(motoworld.EVENTS, self.world.written)
        self.assertEqual(motoworld.EVENTS, sum(len(events) for events in self.world.read.values()))

    def test_a_group(self):
        expected = self.world.all_of("/ecs/api")
        self.assertSameEvents(expected, self.oncall("logs", "/ecs/api", *self.window()))

    def test_a_group_said_to_be_one(self):
        expected = self.world.all_of("notes")
        self.assertSameEvents(expected, self.oncall("logs", "group:notes", *self.window()))
        self.assertSameEvents(expected, self.oncall("logs", "notes", *self.window()))

    def test_a_glob_over_groups(self):
        groups = [group for group in self.world.groups if fnmatch.fnmatchcase(group, "/ecs/*")]
        self.assertEqual(5, len(groups))
        self.assertSameEvents(self.world.all_of(*groups), self.oncall("logs", "/ecs/*", *self.window()))

    def test_everything_at_once(self):
        expected = self.world.all_of(*self.world.groups)
        self.assertEqual(motoworld.EVENTS, len(expected))
        self.assertSameEvents(expected, self.oncall("logs", "*", *self.window()))

    def test_a_group_arn(self):
        expected = self.world.all_of("/ecs/mesh")
        arn = "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/mesh"
        self.assertSameEvents(expected, self.oncall("logs", arn, *self.window()))

    def test_a_service_is_its_containers_and_nothing_else_of_their_groups(self):
        of_api = self.world.all_of("/ecs/api", "/ecs/mesh", where=in_streams("api/web/", "api/envoy/"))
        result = self.oncall("logs", "prod/api", *self.window())
        self.assertSameEvents(of_api, result)
        self.assertIn("audit", result.stderr, "a container that logs elsewhere is named")
        self.assertIn("splunk", result.stderr)
        worker = self.world.all_of("/ecs/worker")
        self.assertSameEvents(worker, self.oncall("logs", "worker", *self.window()))
        self.assertSameEvents(worker, self.oncall("logs", "service:worker", *self.window()))

    def test_a_name_in_two_clusters_is_asked_back(self):
        result = self.oncall("logs", "api", *self.window())
        self.assertCode(2, result)
        self.assertIn("prod/api", result.stderr)
        self.assertIn("edge/api", result.stderr)
        expected = self.world.all_of("/ecs/edge")
        self.assertSameEvents(expected, self.oncall("logs", "edge/api", *self.window()))

    def test_a_container(self):
        expected = self.world.all_of("/ecs/mesh", where=in_streams("api/envoy/"))
        self.assertSameEvents(expected, self.oncall("logs", "prod/api/envoy", *self.window()))

    def test_a_task(self):
        task = self.world.tasks["prod/api"][1]
        expected = self.world.all_of("/ecs/api", "/ecs/mesh", where=lambda e: e["logStreamName"].endswith(task))
        self.assertSameEvents(expected, self.oncall("logs", f"task:{task}", *self.window()))
        self.assertSameEvents(expected, self.oncall("logs", "prod/api", "--task", task[:12], *self.window()))

    def test_two_targets_are_merged_and_what_both_name_is_printed_once(self):
        expected = self.world.all_of("/ecs/api", "/ecs/mesh", where=in_streams("api/"))
        expected += self.world.all_of("/ecs/api", where=lambda e: not e["logStreamName"].startswith("api/"))
        self.assertSameEvents(expected, self.oncall("logs", "prod/api", "/ecs/api", *self.window()))

    def test_a_record_says_whose_it_is(self):
        record = self.oncall("logs", "prod/api/web", "-n", 1, *self.window()).records[0]
        task = record["stream"].rsplit("/", 1)[1]
        said = {key: record[key] for key in ("kind", "account", "region", "group", "cluster", "service", "task", "container")}
        self.assertEqual({
            "kind": "log", "account": "123456789012", "region": "us-east-1", "group": "/ecs/api",
            "cluster": "prod", "service": "api", "task": task, "container": "web",
        }, said)

    def test_a_service_without_logs_here_says_where_they_are(self):
        result = self.oncall("logs", "silent", *self.window())
        self.assertCode(2, result)
        self.assertIn("splunk", result.stderr)

    def test_an_unknown_name_gets_the_nearest(self):
        for typed, nearest in (("workr", "worker"), ("/ecs/apj", "/ecs/api"), ("prod/apy", "prod/api")):
            self.assertTells(self.oncall("logs", typed), 2, re.escape(typed), re.escape(nearest))

    def test_a_verb_that_is_a_target(self):
        for typed in (["tail", "grep"], ["service:grep"], ["tail", "groups"]):
            self.assertTells(self.oncall("logs", *typed), 2, typed[-1].removeprefix("service:"), least=("error",))

    def test_an_empty_group_is_empty(self):
        result = self.oncall("logs", "/ecs/empty", *self.window())
        self.assertCode(0, result)
        self.assertEqual(b"", result.stdout)

    def test_groups_are_listed(self):
        listed = {record["group"] for record in self.oncall("logs", "groups").records}
        self.assertEqual(set(self.world.groups), listed)
        listed = {record["group"] for record in self.oncall("logs", "groups", "/ecs/*").records}
        self.assertEqual({group for group in self.world.groups if group.startswith("/ecs/")}, listed)

    def test_streams_are_listed(self):
        listed = {record["stream"] for record in self.oncall("logs", "streams", "/ecs/api").records}
        self.assertEqual(set(self.world.groups["/ecs/api"]), listed)


class Windows(OnMoto):
    def test_until_is_excluded_and_since_is_not(self):
        times = [event["timestamp"] for event in self.world.all_of("/ecs/api")]
        first, last = times[len(times) // 3], times[len(times) // 2]
        within = (first, last)
        expected = self.world.all_of("/ecs/api", within=within)
        self.assertEqual(first, expected[0]["timestamp"])
        self.assertLess(expected[-1]["timestamp"], last)
        self.assertSameEvents(expected, self.oncall("logs", "/ecs/api", *self.window(within)))

    def test_neighbouring_windows_share_nothing_and_lose_nothing(self):
        edges = [self.world.since + part * motoworld.WINDOW_MS // 7 for part in range(8)]
        for within in zip(edges, edges[1:]):
            expected = self.world.all_of("/ecs/mesh", within=within)
            self.assertSameEvents(expected, self.oncall("logs", "/ecs/mesh", *self.window(within)))

    def test_one_millisecond(self):
        counts = collections.Counter(event["timestamp"] for event in self.world.all_of("/ecs/api"))
        moment, count = counts.most_common(1)[0]
        self.assertGreater(count, 1)
        within = (moment, moment + 1)
        expected = self.world.all_of("/ecs/api", within=within)
        self.assertSameEvents(expected, self.oncall("logs", "/ecs/api", *self.window(within)))

    def test_rfc3339_and_around_say_the_same(self):
        middle = (self.world.since + self.world.until) // 2
        expected = self.world.all_of("/ecs/api", within=(middle - 300_000, middle + 300_000))
        spelt = [harness.rfc3339(middle - 300_000), harness.rfc3339(middle + 300_000)]
        self.assertSameEvents(expected, self.oncall("logs", "/ecs/api", *self.window(spelt)))
        around = ["--around", harness.rfc3339(middle), "--window", "10m"]
        self.assertSameEvents(expected, self.oncall("logs", "/ecs/api", *around))

    def test_the_newest(self):
        everything = self.world.all_of("/ecs/api", "/ecs/mesh")
        for count in (1, 10, 2500):
            result = self.oncall("logs", "/ecs/api", "/ecs/mesh", "-n", count, *self.window())
            self.assertCode(0, result)
            ours = [harness.of_oncall(line) for line in harness.lines(result.stdout)]
            self.assertEqual(count, len(ours))
            # Which ones of the oldest moment's equals are among the newest is nobody's to say.
            oldest = ours[0][0]
            newer = [harness.of_boto(event) for event in everything if event["timestamp"] > oldest]
            self.assertEqual(sorted(newer), sorted(o for o in ours if o[0] > oldest))
            equals = collections.Counter(harness.of_boto(e) for e in everything if e["timestamp"] == oldest)
            self.assertLessEqual(collections.Counter(o for o in ours if o[0] == oldest), equals)

    def test_a_window_that_ends_before_it_begins(self):
        result = self.oncall("logs", "/ecs/api", *self.window((self.world.until, self.world.since)))
        self.assertTells(result, 2, "window|before|ends", least=("error",))


class Streams(OnMoto):
    def test_a_prefix(self):
        prefix = "api/web/" + self.world.tasks["prod/api"][0][:4]
        expected = self.world.all_of("/ecs/api", where=in_streams(prefix))
        self.assertSameEvents(expected, self.oncall("logs", "/ecs/api", "--stream", prefix, *self.window()))

    def test_a_glob(self):
        glob = "*/web/*"
        where = lambda event: fnmatch.fnmatchcase(event["logStreamName"], glob)
        expected = self.world.all_of("/ecs/api", where=where)
        self.assertSameEvents(expected, self.oncall("logs", "/ecs/api", "--stream", glob, *self.window()))


class Forms(OnMoto):
    def test_raw_is_the_exact_text(self):
        for group in ("/ecs/api", "/ecs/mesh", "notes"):
            result = self.oncall("logs", group, "-o", "raw", *self.window())
            self.assertCode(0, result)
            self.assertIsNone(harness.in_some_order(result.stdout, self.world.all_of(group)))

    def test_text_is_one_line_an_event_in_columns(self):
        events = self.world.all_of("/ecs/api")
        result = self.oncall("logs", "/ecs/api", "-o", "text", *self.window())
        self.assertCode(0, result)
        rows = [row.split("\t") for row in result.text.split("\n")[:-1]]
        self.assertEqual(len(events), len(rows))
        self.assertEqual({len(rows[0])}, {len(row) for row in rows}, "the same columns in every row")
        self.assertEqual([harness.rfc3339(event["timestamp"]) for event in events], [row[0] for row in rows])

    def test_json_says_the_sentence_and_keeps_the_object(self):
        result = self.oncall("logs", "/ecs/api", "-i", "lookup failed", *self.window())
        line = harness.lines(result.stdout)[0]
        record = result.records[0]
        self.assertTrue(line.startswith('{"time":"'), line)
        self.assertEqual(("lookup failed", "error"), (record["message"], record["level"]))
        self.assertIn('"fields":{"level":"error","msg":"lookup failed","n":1.0,"big":12345678901234567890,', line)


class Selections(OnMoto):
    def test_include_and_exclude(self):
        keep = lambda e: re.search("timeout|batch", e["message"]) and not re.search("attempt [12]", e["message"])
        expected = self.world.all_of("/ecs/api", where=keep)
        wanted = ["-i", "timeout", "-i", "batch", "-e", "attempt [12]"]
        self.assertSameEvents(expected, self.oncall("logs", "/ecs/api", *wanted, *self.window()))

    def test_a_level_and_above(self):
        expected = self.world.all_of("/ecs/worker", where=lambda e: re.match(r'ERROR|\{"level":"error"|panic:', e["message"]))
        result = self.oncall("logs", "worker", "--level", "error", *self.window())
        self.assertSameEvents(expected, result)

    def test_a_pattern_for_the_server(self):
        expected = self.world.by_boto("/ecs/worker", filterPattern="timeout", startTime=self.world.since, endTime=self.world.until - 1)
        result = self.oncall("logs", "worker", "--filter-pattern", "timeout", *self.window())
        self.assertSameEvents(expected, result)


class Grep(OnMoto):
    def found(self, pattern, flags=0, invert=False):
        search = re.compile(pattern, flags).search
        return self.world.all_of("/ecs/api", where=lambda e: bool(search(e["message"])) != invert)

    def grep(self, *arguments):
        return self.oncall("logs", "grep", *arguments, "/ecs/api", *self.window())

    def test_a_regular_expression(self):
        for pattern in ("timeout", r"peer-\d+", r"(?i)TIMEOUT", "café|🚒", r"attempt [0-2]$", r'"level": ?(30|"error")'):
            self.assertSameEvents(self.found(pattern), self.grep(pattern))

    def test_ignoring_case(self):
        self.assertSameEvents(self.found("timeout", re.IGNORECASE), self.grep("-i", "timeout"))

    def test_inverted(self):
        self.assertSameEvents(self.found("timeout", invert=True), self.grep("-v", "timeout"))
        self.assertSameEvents(self.found("timeout", re.IGNORECASE, invert=True), self.grep("-iv", "timeout"))

    def test_fixed(self):
        text = "(disk a+b.c full)"
        self.assertSameEvents(self.found(re.escape(text)), self.grep("-F", text))

    def test_words(self):
        self.assertSameEvents(self.found(r"(?<!\w)timeout(?!\w)"), self.grep("-w", "timeout"))

    def test_several_patterns(self):
        self.assertSameEvents(self.found("peer-1|batch 7"), self.oncall(
            "logs", "grep", "-e", "peer-1", "-e", "batch 7", "/ecs/api", *self.window()))

    def test_a_count(self):
        result = self.grep("-c", "timeout")
        self.assertCode(0, result)
        self.assertIn(str(len(self.found("timeout"))), re.findall(r"\d+", result.text))

    def test_the_first_so_many(self):
        result = self.grep("-m", "7", "timeout")
        self.assertCode(0, result)
        self.assertEqual(
            [harness.rfc3339(event["timestamp"]) for event in self.found("timeout")[:7]],
            [record["time"] for record in result.records],
        )

    def test_nothing_found_is_a_no(self):
        result = self.grep("there is no such line")
        self.assertCode(1, result)
        self.assertEqual(b"", result.stdout)
        counted = self.grep("-c", "there is no such line")
        self.assertCode(1, counted)

    def test_flags_stand_anywhere(self):
        expected = self.found("timeout")
        window = self.window()
        for typed in (
            ["logs", *window, "grep", "timeout", "/ecs/api"],
            ["logs", "grep", "timeout", "/ecs/api", *window],
            ["logs", "grep", *window, "timeout", "/ecs/api"],
        ):
            self.assertSameEvents(expected, self.oncall(*typed))

    def test_a_bad_expression_says_where(self):
        self.assertTells(self.grep("time(out"), 2, r"time\(out.*5|5.*time\(out", least=("error",))


class Context(OnMoto):
    """grep -A -B -C: held against what Python makes of each stream as GetLogEvents gives it to boto3."""

    GROUPS = ("/ecs/api", "/ecs/mesh", "notes")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.streams = {
            stream: harness.by_get_log_events(cls.world.logs, group, stream)
            for group in cls.GROUPS for stream in cls.world.groups[group]
        }

    def groups(self, pattern, before, after, within):
        """Of each stream, the groups of (time, text, whether it matches)."""
        search = re.compile(pattern).search
        wanted = {}
        for stream, events in self.streams.items():
            found = [
                place for place, event in enumerate(events)
                if within[0] <= event["timestamp"] < within[1] and search(event["message"])
            ]
            shown = sorted({
                place for match in found
                for place in range(max(match - before, 0), min(match + after + 1, len(events)))
            })
            groups, last = [], None
            for place in shown:
                event = events[place]
                if last is None or place > last + 1:
                    groups.append([])
                groups[-1].append((event["timestamp"], harness.told(event["message"]), place in set(found)))
                last = place
            wanted[stream] = groups
        return wanted

    def assertContext(self, pattern, flags, before, after, within=None):
        within = within or (self.world.since, self.world.until)
        wanted = self.groups(pattern, before, after, within)
        result = self.oncall("logs", "grep", *flags, pattern, *self.GROUPS, *self.window(within))
        self.assertCode(0, result)
        printed = collections.deque(harness.lines(result.stdout))
        begun = []
        while printed:
            _, stream, _ = harness.of_oncall(printed[0])
            self.assertTrue(wanted[stream], f"more of {stream} than there is: {printed[0]}")
            group = wanted[stream].pop(0)
            ours = []
            for line in [printed.popleft() for _ in range(min(len(group), len(printed)))]:
                time, of, text = harness.of_oncall(line)
                record = json.loads(line)
                self.assertEqual(stream, of, "a group is not interrupted by another stream")
                self.assertEqual("context" in record, "id" not in record)
                ours.append((time, text, "context" not in record))
            self.assertEqual(group, ours)
            begun.append(next(time for time, _, matches in group if matches))
        self.assertFalse([stream for stream, groups in wanted.items() if groups], "groups are missing")
        self.assertEqual(sorted(begun), begun, "groups are in the order of their first match")
        self.assertGreater(len(begun), 3, "a comparison of nothing")

    def test_rare_matches(self):
        self.assertContext(r"batch 7\d", ["-C", 3], 3, 3)

    def test_one_side(self):
        self.assertContext(r"peer-1\b", ["-A", 4], 0, 4)
        self.assertContext(r"peer-1\b", ["-B", 4], 4, 0)
        self.assertContext(r"peer-1\b", ["-C", 1, "-A", 6], 1, 6)

    def test_many_matches_are_few_groups(self):
        self.assertContext("timeout", ["-C", 2], 2, 2)

    def test_more_than_a_page(self):
        self.assertContext(r"peer-39", ["-C", 150], 150, 150)

    def test_around_the_edges_of_a_window(self):
        middle = (self.world.since + self.world.until) // 2
        self.assertContext("timeout|panic", ["-C", 5], 5, 5, (middle - 60_000, middle + 60_000))


def in_streams(*prefixes):
    return lambda event: event["logStreamName"].startswith(prefixes)
