"""Given two accounts in moto, each with two regions, when I read several profiles and regions in one run, then
I get exactly what boto3 reads in each of them, as one stream in order of time."""

import collections
import json
import random
import time
import unittest

import following
import harness

ACCOUNTS = {"prod": "111111111111", "staging": "222222222222"}
REGIONS = ("us-east-1", "eu-west-1")
GROUP, ONLY_IN_PROD = "/shop/web", "/shop/till"
EVENTS = 700
WINDOW_MS = 3600 * 1000


def setUpModule():
    """Two accounts for all specs: `oncall` only reads."""
    harness.binary()
    InTwoAccounts.url = unittest.enterModuleContext(harness.moto())
    InTwoAccounts.until = int(time.time()) * 1000 - 60_000
    InTwoAccounts.since = InTwoAccounts.until - WINDOW_MS
    InTwoAccounts.keys = {profile: keys_of(InTwoAccounts.url, account) for profile, account in ACCOUNTS.items()}
    fill(InTwoAccounts)


def keys_of(url, account):
    """moto knows whose keys are by the role that they were had for."""
    sts = harness.client("sts", url)
    role = f"arn:aws:iam::{account}:role/read"
    return sts.assume_role(RoleArn=role, RoleSessionName="specs")["Credentials"]


def client(url, keys, region):
    import boto3

    session = boto3.session.Session(
        aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"], region_name=region,
    )
    return session.client("logs", endpoint_url=url)


def fill(world):
    dice = random.Random(5)
    world.read = {}
    for profile, keys in world.keys.items():
        for region in REGIONS:
            logs = client(world.url, keys, region)
            groups = [GROUP, ONLY_IN_PROD] if profile == "prod" else [GROUP]
            for group in groups:
                logs.create_log_group(logGroupName=group)
                logs.create_log_stream(logGroupName=group, logStreamName="s")
                times = sorted(world.since + dice.randrange(WINDOW_MS) for _ in range(EVENTS))
                events = [{"timestamp": at, "message": f"{profile} {region} {group} {at}"} for at in times]
                logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)
                world.read[profile, region, group] = harness.by_filter_log_events(logs, group)


class InTwoAccounts(harness.Spec):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sections = (
            f"[profile {profile}]\nregion = us-east-1\nendpoint_url = {cls.url}\n"
            f"aws_access_key_id = {keys['AccessKeyId']}\naws_secret_access_key = {keys['SecretAccessKey']}\n"
            f"aws_session_token = {keys['SessionToken']}\n"
            for profile, keys in cls.keys.items()
        )
        # A login that somebody makes later: until then there is no file.
        cls.late_keys = cls.home.path / "late.json"
        late = (
            f"[profile late]\nregion = eu-west-1\nendpoint_url = {cls.url}\n"
            f"credential_process = cat {cls.late_keys}\n"
        )
        cls.home.write("aws/config", "".join(sections) + late)
        cls.oncall = harness.Oncall(cls.home)

    def logs(self, *arguments):
        return self.oncall("logs", *arguments, "--since", self.since, "--until", self.until)

    def assertReads(self, places, result, code=0):
        self.assertCode(code, result)
        expected = [
            (event["timestamp"], ACCOUNTS[profile], region, event["message"])
            for profile, region, group in places for event in self.read[profile, region, group]
        ]
        self.assertEqual(EVENTS * len(places), len(expected), "boto3 reads them all")
        printed = [
            (harness.millis(record["time"]), record["account"], record["region"], record["message"])
            for record in result.records
        ]
        times = [record[0] for record in printed]
        self.assertEqual(sorted(times), times, "one stream, in order of time")
        self.assertEqual(collections.Counter(expected), collections.Counter(printed))

    def test_every_profile_in_every_region(self):
        everywhere = [(profile, region, GROUP) for profile in ACCOUNTS for region in REGIONS]
        profiles, regions = ",".join(ACCOUNTS), ",".join(REGIONS)
        self.assertReads(everywhere, self.logs(GROUP, "--profile", profiles, "--region", regions))
        repeated = [flag for profile in ACCOUNTS for flag in ("--profile", profile)]
        in_one = [(profile, "us-east-1", GROUP) for profile in ACCOUNTS]
        self.assertReads(in_one, self.logs(GROUP, *repeated))

    def test_two_regions_of_one_account(self):
        both = [("prod", region, GROUP) for region in REGIONS]
        self.assertReads(both, self.logs(GROUP, "--profile", "prod", "--region", ",".join(REGIONS)))

    def test_a_glob_finds_in_each_what_is_there(self):
        found = [("prod", "us-east-1", GROUP), ("prod", "us-east-1", ONLY_IN_PROD), ("staging", "us-east-1", GROUP)]
        self.assertReads(found, self.logs("/shop/*", "--profile", ",".join(ACCOUNTS)))

    def test_a_target_with_its_profile(self):
        places = [("prod", "us-east-1", ONLY_IN_PROD), ("staging", "us-east-1", GROUP)]
        self.assertReads(places, self.logs(f"prod:{ONLY_IN_PROD}", f"staging:group:{GROUP}"))

    def test_an_arn_is_read_through_the_profile_of_its_account(self):
        arn = f"arn:aws:logs:eu-west-1:{ACCOUNTS['staging']}:log-group:{GROUP}"
        self.assertReads([("staging", "eu-west-1", GROUP)], self.logs(arn, "--profile", ",".join(ACCOUNTS)))

    def test_what_one_account_lacks_is_noted(self):
        result = self.logs(ONLY_IN_PROD, "--profile", ",".join(ACCOUNTS))
        self.assertReads([("prod", "us-east-1", ONLY_IN_PROD)], result)
        self.assertIn("not in staging/us-east-1", result.stderr)

    def test_an_unknown_profile_costs_its_part_only(self):
        result = self.logs(GROUP, "--profile", "prod,stagin")
        self.assertReads([("prod", "us-east-1", GROUP)], result, code=3)
        self.assertIn("--profile staging", result.stderr)

    def test_the_newest_of_all(self):
        newest = sorted(e["timestamp"] for p in ACCOUNTS for e in self.read[p, "us-east-1", GROUP])[-9:]
        result = self.logs(GROUP, "--profile", ",".join(ACCOUNTS), "-n", 9)
        self.assertCode(0, result)
        self.assertEqual(newest, [harness.millis(record["time"]) for record in result.records])

    def test_groups_are_listed_of_each(self):
        result = self.oncall("logs", "groups", "--profile", ",".join(ACCOUNTS), "--region", ",".join(REGIONS))
        of_world = [record for record in result.records if record["group"] != "/life"]
        listed = collections.Counter((r["account"], r["region"], r["group"]) for r in of_world)
        expected = collections.Counter((ACCOUNTS[p], region, group) for p, region, group in self.read)
        self.assertEqual(expected, listed)

    def test_following_goes_on_in_each_and_begins_where_somebody_logs_in_later(self):
        sites = [("prod", "us-east-1"), ("prod", "eu-west-1"), ("staging", "us-east-1"), ("staging", "eu-west-1")]
        clients = {site: client(self.url, self.keys[site[0]], site[1]) for site in sites}
        for logs in clients.values():
            logs.create_log_group(logGroupName="/life")
            logs.create_log_stream(logGroupName="/life", logStreamName="s")
        follower = following.Follower(
            self.home.environment(), "logs", "-f", "prod:/life", "late:/life", "--region", "us-east-1,eu-west-1",
            "--since", "5m", "--live", "never",
        )
        self.addCleanup(follower.close)
        put = []

        def write():
            for (profile, region), logs in clients.items():
                now, text = int(time.time() * 1000), f"{profile} {region} {len(put)}"
                logs.put_log_events(
                    logGroupName="/life", logStreamName="s", logEvents=[{"timestamp": now, "message": text}])
                put.append(text)

        def of_prod():
            return [text for text in put if text.startswith("prod")]

        for _ in range(4):
            write()
            time.sleep(0.5)
        follower.wait_for(lambda: len(follower.printed) >= len(of_prod()), 30, "prod was printed")
        keys = self.keys["staging"]
        self.late_keys.write_text(json.dumps({
            "Version": 1, "AccessKeyId": keys["AccessKeyId"], "SecretAccessKey": keys["SecretAccessKey"],
            "SessionToken": keys["SessionToken"],
        }))
        for _ in range(4):
            write()
            time.sleep(0.5)
        follower.wait_for(lambda: len(follower.printed) >= len(put), 90, "all was printed")
        follower.interrupt()
        printed = [line.record for line in follower.printed]
        self.assertEqual(sorted(put), sorted(record["message"] for record in printed))
        whose = {(record["account"], record["region"]) for record in printed}
        self.assertEqual({(ACCOUNTS[profile], region) for profile, region in sites}, whose)
        self.assertIn("late/us-east-1 /life cannot be read just now", follower.stderr)
        self.assertIn("can be read again", follower.stderr)
        self.assertNotIn("missing", follower.stderr)
