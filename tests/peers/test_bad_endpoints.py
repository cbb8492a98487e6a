"""Given an endpoint, a profile or a permission that is not as it should be, when I read logs, then one
sentence says what could not be done, a hint says what to type, and the code says which kind it was."""

import hashlib
import json

import fakecloud
import harness

WINDOW = ["--since", fakecloud.START, "--until", fakecloud.START + 60_000]
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please log in.</body></html>"

# Every attempt of an ordinary failure is over by then.
BOUND = 40


class At(harness.Spec):
    def logs(self, url, *more, target="group:/fake"):
        oncall = harness.Oncall(self.home, AWS_ENDPOINT_URL=url, **harness.KEYS)
        result = oncall(*more, "logs", target, *WINDOW, timeout=BOUND)
        self.assertLess(result.seconds, BOUND, result)
        self.assertEqual(b"", result.stdout)
        return result


class Endpoints(At):
    def test_one_that_refuses(self):
        with fakecloud.closed() as url:
            self.assertTells(self.logs(url), 3, "refused", "AWS_ENDPOINT_URL")

    def test_one_that_hangs(self):
        with fakecloud.silent() as url:
            result = self.logs(url, "--timeout", "1s")
            self.assertTells(result, 3, "in time", "--timeout")
            self.assertLess(result.seconds, 20)

    def test_one_whose_name_has_no_address(self):
        result = self.logs("http://no-such-host.invalid:1")
        self.assertTells(result, 3, "address|DNS|connection", "network")

    def test_one_that_answers_html(self):
        for status, error, hint in (
            (200, "not from AWS.*200", "proxy"),
            (403, "not from AWS.*403", "proxy"),
            (502, "HTTP 502", "try again|proxy"),
        ):
            with self.subTest(status=status):
                reply = fakecloud.Reply(HTML, status, "text/html; charset=utf-8")
                cloud = fakecloud.FakeCloud(everything=lambda _: reply)
                with fakecloud.serving(cloud) as url:
                    result = self.logs(url)
                    self.assertTells(result, 3, error, hint)
                    self.assertNotIn("<", result.stderr, "a page of HTML is not for the terminal")

    def test_one_that_answers_nothing_at_all(self):
        cloud = fakecloud.FakeCloud(everything=lambda _: fakecloud.Reply(b"", 200, "application/x-amz-json-1.1"))
        with fakecloud.serving(cloud) as url:
            self.assertCode(2, self.logs(url, target="group:/fake"))

    def test_one_that_cuts_its_answers(self):
        body = b'{"logGroups":[{"logGroupName":"/fa'
        cloud = fakecloud.FakeCloud(everything=lambda _: fakecloud.Reply(body, length=5000))
        with fakecloud.serving(cloud) as url:
            self.assertTells(self.logs(url), 3, "broke|cut|ended", "network")

    def test_one_whose_answers_end_too_early_and_say_they_are_whole(self):
        body = b'{"logGroups":[{"logGroupName":"/fa'
        cloud = fakecloud.FakeCloud(everything=lambda _: fakecloud.Reply(body))
        with fakecloud.serving(cloud) as url:
            self.assertTells(self.logs(url), 3, "cannot be decoded")

    def test_one_whose_pages_can_never_be_decoded_is_given_up(self):
        cloud = fakecloud.FakeCloud(pages=lambda *_: fakecloud.Reply(b'{"events":[{"timest'))
        with fakecloud.serving(cloud) as url:
            result = self.logs(url, "--budget", "unlimited")
        self.assertCode(3, result)
        self.assertRegex(result.stderr, "(?m)^(error|missing): .*/fake")
        self.assertLess(len(cloud.asked("FilterLogEvents")), 1000, "an account's quota is shared")

    def test_one_that_fails(self):
        cloud = fakecloud.FakeCloud(
            everything=lambda _: fakecloud.refusal("ServiceUnavailableException", "Sorry.", 503))
        with fakecloud.serving(cloud) as url:
            self.assertTells(self.logs(url), 3, "Sorry", "again")
            self.assertGreater(len(cloud.asked("DescribeLogGroups")), 1, "a passing failure is tried again")

    def test_a_url_that_is_none(self):
        result = self.logs("not a url")
        self.assertIn(result.code, (2, 3))
        self.assertTells(result, result.code, "endpoint|URL|url|request|connection", least=("error",))


class Permissions(At):
    def test_a_denied_action_is_named(self):
        denied = "User: arn:aws:iam::123456789012:user/me is not authorized to perform: logs:FilterLogEvents"
        cloud = fakecloud.FakeCloud(pages=lambda *_: fakecloud.refusal("AccessDeniedException", denied))
        with fakecloud.serving(cloud) as url:
            result = self.logs(url)
            self.assertTells(result, 4, "/fake", "logs:FilterLogEvents")

    def test_keys_that_have_expired(self):
        for code in ("ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException"):
            with self.subTest(code=code):
                cloud = fakecloud.FakeCloud(everything=lambda _: fakecloud.refusal(code, "No."))
                with fakecloud.serving(cloud) as url:
                    self.assertTells(self.logs(url), 4, "credentials", "log in|--profile")

    def test_no_ecs_permission_reads_the_name_as_a_group_and_says_so(self):
        def everything(action):
            if action in ("FilterLogEvents",):
                return fakecloud.Reply({"events": [fakecloud.event(fakecloud.START, "hello", 1)]})
            if action == "DescribeLogGroups":
                return fakecloud.Reply({"logGroups": [{"logGroupName": "api", "arn": "arn:aws:logs:us-east-1:123456789012:log-group:api:*"}]})
            return fakecloud.refusal("AccessDeniedException", "not authorized")

        with fakecloud.serving(fakecloud.FakeCloud(everything=everything)) as url:
            result = harness.Oncall(self.home, AWS_ENDPOINT_URL=url, **harness.KEYS)("logs", "api", *WINDOW)
        self.assertCode(0, result)
        self.assertEqual(["hello"], [record["message"] for record in result.records])
        self.assertIn("ecs:ListClusters", result.stderr)


class Profiles(harness.Spec):
    def setUp(self):
        self.home = self.new_home()

    def logs(self, *arguments, **variables):
        result = harness.Oncall(self.home, **variables)(*arguments, "logs", "group:/fake", *WINDOW)
        self.assertLess(result.seconds, BOUND, result)
        self.assertEqual(b"", result.stdout)
        return result

    def test_no_credentials_at_all(self):
        self.assertTells(self.logs(AWS_REGION="us-east-1"), 4, "no AWS credentials", "--drill")

    def test_no_region(self):
        keys = {key: value for key, value in harness.KEYS.items() if key != "AWS_REGION"}
        self.assertTells(self.logs(**keys), 2, "region", "--region")

    def test_an_unknown_profile_gets_the_nearest(self):
        self.home.write("aws/config", "[profile production]\nregion = us-east-1\n")
        for spelt in ({"AWS_PROFILE": "prodution"}, harness.KEYS | {"AWS_PROFILE": "prodution"}):
            self.assertTells(self.logs(**spelt), 2, "prodution", "production")
        self.assertTells(self.logs("--profile", "prodution"), 2, "prodution", "production")

    def test_an_unknown_region_gets_the_nearest(self):
        self.assertTells(self.logs("--region", "us-esat-1", **harness.KEYS), 2, "us-esat-1", "us-east-1")
        self.assertTells(self.logs(**harness.KEYS | {"AWS_REGION": "us-esat-1"}), 2, "us-esat-1", "us-east-1")

    def test_a_configuration_that_cannot_be_read(self):
        self.home.write("aws/config", "[profile broken\nregion\n")
        result = self.logs("--profile", "broken")
        self.assertTells(result, 2, "config", least=("error",))

    def sso(self):
        self.home.write("aws/config", (
            "[profile work]\nregion = us-east-1\nsso_session = corp\nsso_account_id = 123456789012\n"
            "sso_role_name = Reader\n\n[sso-session corp]\nsso_region = us-east-1\n"
            "sso_start_url = https://corp.example.invalid/start\n"))

    def test_an_sso_session_that_never_was(self):
        self.sso()
        self.assertTells(self.logs("--profile", "work"), 4, "SSO", "aws sso login --profile work")

    def test_an_sso_session_that_is_over(self):
        self.sso()
        name = hashlib.sha1(b"corp").hexdigest()
        self.home.write(f".aws/sso/cache/{name}.json", json.dumps({
            "startUrl": "https://corp.example.invalid/start", "region": "us-east-1",
            "accessToken": "peers-token", "expiresAt": "2020-01-01T00:00:00Z",
        }))
        result = self.logs("--profile", "work")
        self.assertTells(result, 4, "SSO", "aws sso login --profile work")
        self.assertNotIn("peers-token", result.stderr)

    def test_sso_tokens_are_not_sent_to_a_generic_endpoint(self):
        self.sso()
        cloud = fakecloud.FakeCloud(everything=lambda _: fakecloud.Reply({}))
        with fakecloud.serving(cloud) as url:
            result = self.logs("--profile", "work", AWS_ENDPOINT_URL=url)
        self.assertTells(result, 2, "generic endpoint", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS")
        self.assertEqual([], cloud.requests)
