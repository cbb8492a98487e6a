#!/usr/bin/env python3
"""Writes a plan of so many megabytes, as `terraform show -json` writes it, for `changelog plan`.

    benches/plan.py 200 > plan.json            the parts of a real one: half of it the resources, one in ten of them changed
    benches/plan.py 200 changes > plan.json    nothing but changes, of every resource: the hardest to read

No randomness: the same plan every time.
"""

import json
import sys

SECRET = "hunter2"

# Of a real plan every so many resources one is changed; the others stand in it unchanged.
CHANGED = 10


def resource(n, release):
    """An ECS task definition: the kind of resource that plans are large with."""
    environment = [{"name": f"VARIABLE_{v}", "value": f"value {v} of \"{n}\" \u00fc"} for v in range(24)]
    containers = [{"name": "web", "image": f"registry/web-{n}:{release}", "cpu": 256, "environment": environment}]
    return {
        "arn": f"arn:aws:ecs:eu-central-1:000000000000:task-definition/web-{n}:{release}",
        "container_definitions": json.dumps(containers, separators=(",", ":")),
        "cpu": "256", "execution_role_arn": None, "family": f"web-{n}", "id": f"web-{n}",
        "inference_accelerator": [], "memory": "512", "network_mode": "awsvpc", "placement_constraints": [],
        "requires_compatibilities": ["FARGATE"], "revision": release, "runtime_platform": [], "skip_destroy": False,
        "tags": {"Name": f"web-{n}", "Team": "checkout"}, "volume": [{"name": f"v{v}", "host_path": "/"} for v in range(6)],
    }


def change(n, every=CHANGED):
    before = resource(n, 1)
    changed = n % every == 0
    return {
        "address": f'module.web["{n}"].aws_ecs_task_definition.this', "module_address": f'module.web["{n}"]',
        "mode": "managed", "type": "aws_ecs_task_definition", "name": "this",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {
            "actions": ["delete", "create"] if changed else ["no-op"],
            "before": before, "after": resource(n, 2) if changed else before,
            "after_unknown": {"arn": True, "id": True, "tags": {}} if changed else {},
            "before_sensitive": {"requires_compatibilities": [False], "tags": {}},
            "after_sensitive": {"requires_compatibilities": [False], "tags": {}},
        },
    }


def standing(n):
    return {"address": f'module.web["{n}"].aws_ecs_task_definition.this', "mode": "managed",
            "type": "aws_ecs_task_definition", "name": "this", "values": resource(n, 1),
            "sensitive_values": {"tags": {}}}


def tell(out, megabytes, only_changes):
    """Writes it; how many resources it replaces."""
    size = megabytes * 1_000_000
    compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
    part = (lambda n: change(n, 1)) if only_changes else change
    one_change = sum(len(compact(part(n)).encode()) for n in range(CHANGED)) / CHANGED
    one_standing = len(compact(standing(1)).encode())
    count = int(size / (one_change + (0 if only_changes else 2 * one_standing)))
    out.write('{"format_version":"1.2","terraform_version":"1.11.4","variables":{"password":{"value":"%s"}}' % SECRET)
    if not only_changes:
        out.write(',"planned_values":{"root_module":{"resources":[')
        write(out, compact, standing, count)
        out.write("]}}")
    out.write(',"resource_changes":[')
    write(out, compact, part, count)
    out.write("]")
    if not only_changes:
        out.write(',"prior_state":{"format_version":"1.0","values":{"root_module":{"resources":[')
        write(out, compact, standing, count)
        out.write("]}}}")
    out.write(',"configuration":{"root_module":{}},"timestamp":"2026-11-24T10:00:00Z","complete":true,"errored":false}\n')
    return count if only_changes else -(-count // CHANGED)


def write(out, compact, part, count):
    for n in range(count):
        out.write(("," if n else "") + compact(part(n)))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    tell(sys.stdout, int(sys.argv[1]), sys.argv[2:] == ["changes"])
