"""Given a drill in bad weather, when boto3 reads it, then it meets what AWS would let it meet: keys that
expire, operations that nobody may call, Live Tail sessions that die, events from the future."""

import contextlib
import time

import boto3
import botocore.exceptions
import urllib3.exceptions
from botocore.config import Config

import harness

GROUP = "/clocks/ahead"

SCENARIO = f"""
name = "clocks"
summary = "A clock that is ahead."
seed = 3
[[log_groups]]
name = "{GROUP}"
ahead = "90s"
streams = {{ name = "s", rotate = "1h" }}
templates = [{{ every = "200ms", message = "${{time}}" }}]
"""


class Weather(harness.Spec):
    @contextlib.contextmanager
    def drill(self, *flags):
        path = self.home.write("clocks.toml", SCENARIO)
        with harness.Drill(self.new_home(), path, frozen=False, flags=flags) as drill:
            yield drill

    def client(self, service, drill, key="AKIAOLDOLDOLDOLDOLD0", patience=10):
        session = boto3.session.Session(
            aws_access_key_id=key, aws_secret_access_key="x", region_name="us-east-1")
        config = Config(
            retries={"max_attempts": 0}, read_timeout=patience, proxies={}, inject_host_prefix=False)
        return session.client(service, endpoint_url=drill.url, config=config)

    def refused(self, call, **parameters):
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            call(**parameters)
        error = caught.exception.response
        return error["Error"]["Code"], error["Error"]["Message"], error["ResponseMetadata"]["HTTPStatusCode"]

    def arn(self, logs):
        return logs.describe_log_groups()["logGroups"][0]["logGroupArn"]

    def updates(self, logs):
        stream = logs.start_live_tail(logGroupIdentifiers=[self.arn(logs)])["responseStream"]
        with contextlib.closing(stream):
            for said in stream:
                if "sessionUpdate" in said:
                    yield said["sessionUpdate"]

    def test_events_from_the_future_are_read_by_every_way_there_is(self):
        with self.drill() as drill:
            logs = self.client("logs", drill)
            self.assertAhead(harness.by_filter_log_events(logs, GROUP, startTime=int(time.time() * 1000)))
            stream = logs.describe_log_streams(logGroupName=GROUP)["logStreams"][0]["logStreamName"]
            self.assertAhead(logs.get_log_events(logGroupName=GROUP, logStreamName=stream, limit=9)["events"])
            self.assertAhead(next(self.updates(logs))["sessionResults"])

    def assertAhead(self, events):
        self.assertTrue(events)
        for event in events:
            # At most 2.8 s of lag.
            self.assertLess(87_000, event["timestamp"] - event["ingestionTime"])
            self.assertLess(event["timestamp"] - event["ingestionTime"], 90_000)
            self.assertEqual(harness.rfc3339(event["timestamp"]), event["message"])

    def test_an_operation_is_denied_and_says_which(self):
        with self.drill("--fault", "deny@StartLiveTail,FilterLogEvents") as drill:
            logs = self.client("logs", drill)
            code, message, status = self.refused(logs.start_live_tail, logGroupIdentifiers=[self.arn(logs)])
            self.assertEqual(("AccessDeniedException", 400), (code, status))
            self.assertRegex(
                message,
                r"^User: arn:aws:sts::\d{12}:assumed-role/\S+ is not authorized to perform: logs:StartLiveTail "
                rf"on resource: arn:aws:logs:us-east-1:\d{{12}}:log-group:{GROUP} because ")
            code, message, _ = self.refused(logs.filter_log_events, logGroupName=GROUP)
            self.assertIn("logs:FilterLogEvents on resource: arn:aws:logs:us-east-1:", message)

    def test_an_operation_is_absent(self):
        with self.drill("--fault", "absent@StartLiveTail") as drill:
            logs = self.client("logs", drill)
            code, _, status = self.refused(logs.start_live_tail, logGroupIdentifiers=[self.arn(logs)])
            self.assertEqual(("UnknownOperationException", 400), (code, status))

    def calls(self, call, number, **parameters):
        """What became of so many calls in a row, and how long they took."""
        began, codes = time.monotonic(), []
        for _ in range(number):
            try:
                call(**parameters)
                codes.append("")
            except botocore.exceptions.ClientError as error:
                codes.append(error.response["Error"]["Code"])
        return codes, time.monotonic() - began

    def test_published_rates_are_those_of_the_region(self):
        with self.drill("--tps", "published") as drill:
            for region, call, rate in (
                ("us-east-1", "filter_log_events", 25),
                ("eu-central-1", "filter_log_events", 5),
                ("eu-west-1", "filter_log_events", 10),
                ("us-east-1", "describe_log_groups", 10),
                ("eu-west-1", "describe_log_groups", 10),
            ):
                with self.subTest(region=region, call=call):
                    logs = harness.client("logs", drill.url, region)
                    parameters = {"logGroupName": GROUP, "limit": 1} if call == "filter_log_events" else {}
                    codes, took = self.calls(getattr(logs, call), 2 * rate + 20, **parameters)
                    throttled = codes.count("ThrottlingException")
                    self.assertNotIn("ThrottlingException", codes[:rate])
                    self.assertLessEqual(len(codes) - throttled, rate + rate * took + 1)

    def test_pages_are_as_short_as_the_endpoint_likes(self):
        with self.drill("--page-limit", "7", "--scan-limit", "10") as drill:
            logs = self.client("logs", drill)
            since = int(time.time() * 1000) - 60_000
            window = {"logGroupName": GROUP, "startTime": since, "endTime": since + 29_999}
            pages = list(logs.get_paginator("filter_log_events").paginate(**window))
            self.assertEqual({7}, {len(page["events"]) for page in pages[:-1]})
            self.assertEqual(150, sum(len(page["events"]) for page in pages), "a step of 200 ms")
            found, token = [], {}
            while True:
                page = logs.filter_log_events(**window, filterPattern=r"%:[0-5]0\.%", **token)
                found.append(len(page["events"]))
                if "nextToken" not in page:
                    break
                token = {"nextToken": page["nextToken"]}
            self.assertIn(0, found)
            self.assertEqual(15, sum(found))

    def test_an_endpoint_does_not_know_newest_first(self):
        with self.drill("--without", "newest-first") as drill:
            logs = self.client("logs", drill)
            since = int(time.time() * 1000) - 60_000
            code, _, _ = self.refused(
                logs.filter_log_events, logGroupName=GROUP, startTime=since, startFromHead=False)
            self.assertEqual("InvalidParameterException", code)
            self.assertTrue(logs.filter_log_events(logGroupName=GROUP, startTime=since, startFromHead=True)["events"])

    def test_a_region_has_the_groups_that_say_so(self):
        path = self.home.write("clocks.toml", SCENARIO + f"""
[[log_groups]]
name = "{GROUP}"
region = "eu-west-1"
streams = {{ name = "s", rotate = "1h" }}
templates = [{{ every = "1s", message = "${{region}}" }}]
""")
        with harness.Drill(self.new_home(), path) as drill:
            since = harness.millis(harness.DRILL_NOW) - 60_000
            counts = {}
            for region in ("us-east-1", "eu-west-1", "eu-north-1"):
                logs = harness.client("logs", drill.url, region)
                for group in logs.describe_log_groups()["logGroups"]:
                    arn = group["logGroupArn"]
                    self.assertEqual(f"arn:aws:logs:{region}:000000000000:log-group:{GROUP}", arn)
                    events = logs.filter_log_events(
                        logGroupIdentifier=arn, startTime=since, endTime=since + 9_999)["events"]
                    counts[region] = len(events)
            self.assertEqual({"us-east-1": 50, "eu-west-1": 10}, counts)

    def test_keys_expire_and_a_new_login_has_good_ones(self):
        with self.drill("--expire-after", "2s") as drill:
            old = self.client("logs", drill)
            updates = self.updates(old)
            next(updates)
            time.sleep(2)
            code, message, status = self.refused(old.describe_log_groups)
            self.assertEqual(("ExpiredTokenException", 400), (code, status))
            self.assertEqual("The security token included in the request is expired", message)
            code, _, status = self.refused(self.client("sts", drill).get_caller_identity)
            self.assertEqual(("ExpiredToken", 403), (code, status))
            self.client("logs", drill, key="AKIANEWNEWNEWNEWNEW0").describe_log_groups()
            next(updates)

    def test_keys_are_good_again_when_it_is_said_so(self):
        with self.drill("--expire-after", "1s", "--expire-for", "1500ms") as drill:
            logs = self.client("logs", drill)
            logs.describe_log_groups()
            time.sleep(1.2)
            self.assertEqual("ExpiredTokenException", self.refused(logs.describe_log_groups)[0])
            time.sleep(1.5)
            logs.describe_log_groups()

    def test_a_session_stalls_and_its_connection_stays(self):
        with self.drill("--fault", "stall:2", "--live-limit", "3s") as drill:
            updates = self.updates(self.client("logs", drill, patience=4))
            next(updates)
            next(updates)
            # botocore lets urllib3's own error through here.
            with self.assertRaises((botocore.exceptions.ReadTimeoutError, urllib3.exceptions.ReadTimeoutError)):
                next(updates)
