"""Five million events: memory may not grow with them."""

import pathlib

import harness
import measure
import quota

SCENARIO = pathlib.Path(__file__).parent / "scenarios" / "firehose.toml"
GROUP = "/ecs/bench-hose"
EVENTS_AN_HOUR = 2_000_000
HOUR_MS = 3_600_000
HOURS = 2.5
AHEAD = "3h"
# What is younger may not have been taken in yet, as with the real service.
SETTLED = harness.millis(harness.DRILL_NOW) - 300_000

LIMIT_MB = 100


def memory(table, home, part):
    hours = HOURS * part
    events = int(EVENTS_AN_HOUR * hours)
    since = SETTLED - int(HOUR_MS * hours)
    with quota.drill(home, SCENARIO, AHEAD) as drill:
        run = measure.counted(
            [harness.binary(), "-q", "--budget", "unlimited", "logs", f"group:{GROUP}",
             "--since", str(since), "--until", str(SETTLED)],
            home.environment(**drill.variables))
    measure.expect(events, oncall=run)
    table.below(f"{events:,} events, peak memory", run.memory_mb, LIMIT_MB, "MB")
    table.row(f"{events:,} events, wall", f"{run.seconds:.1f} s")
