"""Two people at once, on the quota of one account: each has to give way to the other."""

import concurrent.futures

import fetch
import measure
import quota
import summary

LIMIT_PERCENT = 10


def two(table, home, part):
    since, events = fetch.window(part)
    with quota.drill(home, fetch.SCENARIO, fetch.AHEAD, quota.WEATHER) as drill:
        environment = home.environment(**drill.variables)
        with concurrent.futures.ThreadPoolExecutor(2) as people:
            runs = list(people.map(lambda _: measure.counted(fetch.ours(since), environment), range(2)))
    measure.expect(events, first=runs[0], second=runs[1])
    took = [summary.Taken(run.said) for run in runs]
    for run, taken in zip(runs, took):
        table.row(f"one of two, {events:,} events", f"{run.seconds:.1f} s", "", str(taken))
    share = 100 * sum(taken.throttles for taken in took) / sum(taken.calls for taken in took)
    table.below("two at once, calls that were throttled", share, LIMIT_PERCENT, "%")
