"""The account that the readings of `fetch`, `needle` and `two` share: its quota, what the quota
allows at best, and how much of it a reading took."""

import json
import urllib.request

import harness

LATENCY = "250ms"
CALLS_A_SECOND = 25
# What oncall takes of a quota unless --budget says otherwise.
SHARE = 0.9

WEATHER = [
    "--latency", LATENCY,
    "--tps", f"FilterLogEvents={CALLS_A_SECOND},burst={CALLS_A_SECOND}",
    "--tps", f"GetLogEvents={CALLS_A_SECOND},burst={CALLS_A_SECOND}",
]

# Millions of events are put into words before the first is asked for.
PATIENCE = 300


def drill(home, scenario, ahead, flags=()):
    """A drill whose events are rendered before it answers, so that it costs next to nothing to ask it."""
    return harness.Drill(home, scenario, flags=[f"--render-ahead={ahead}", *flags], patience=PATIENCE)


def least_seconds(pages):
    """How long a reading of so many pages takes at least, at the share of the quota that is ours."""
    return pages / (SHARE * CALLS_A_SECOND)


def pages(url, group, since, until, pattern=None):
    """How many pages one plain reading takes, each asked for with the token of the one before."""
    question = {"logGroupName": group, "startTime": since, "endTime": until}
    if pattern:
        question["filterPattern"] = pattern
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    count, token = 0, None
    while count == 0 or token:
        body = json.dumps(question | ({"nextToken": token} if token else {})).encode()
        with opener.open(urllib.request.Request(url, body, HEADERS), timeout=60) as answer:
            token = json.load(answer).get("nextToken")
        count += 1
    return count


# A drill does not verify signatures, but wants to see one.
HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "Logs_20140328.FilterLogEvents",
    "X-Amz-Date": "20261122T204000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=DRILL/20261122/us-east-1/logs/aws4_request, "
                     "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=" + 64 * "0",
}
