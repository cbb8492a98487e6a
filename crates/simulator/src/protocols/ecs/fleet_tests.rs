//! Fleets of other kinds than the incident's: large ones, old ones, closed ones.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::protocols::aws_json::Refusal;
use crate::{Scenario, World};

const START: i64 = 1_795_380_000_000;

static FLEET: LazyLock<World> = LazyLock::new(|| {
    world("fleet.toml", include_str!("../../../../../benches/scenarios/fleet.toml"))
});

/// One cluster as of old, one that is closed, one as usual.
static ODD: LazyLock<World> = LazyLock::new(|| {
    let long = "n".repeat(255);
    let text = format!(
        r#"
name = "odd"
summary = "Clusters of every kind."
seed = 1

[[clusters]]
name = "old"
hosts = 3
short_arns = true

[[clusters]]
name = "closed"
hosts = 2
denied = true

[[clusters]]
name = "new"
hosts = 2

[[services]]
name = "web"
cluster = "old"
desired = 4
containers = [{{ name = "app", image = "web:1", ports = [{{ port = 80, host_port = 8080 }}, {{ port = 53, protocol = "udp" }}] }}]

[[services]]
name = "ledger"
cluster = "closed"
desired = 2
containers = [{{ name = "app", image = "ledger:1" }}]

[[services]]
name = "web"
cluster = "new"
desired = 2
containers = [{{ name = "app", image = "web:1" }}]

[[services]]
name = "{long}"
cluster = "new"
desired = 1
launch_type = "FARGATE"
containers = [{{ name = "app", image = "web:1", ports = [{{ port = 80 }}] }}]
"#
    );
    world("odd.toml", &text)
});

fn world(name: &str, text: &str) -> World {
    World::new(Scenario::parse(name, text).unwrap(), START)
}

fn try_to_ask(world: &World, operation: &str, input: &Value) -> Result<Value, Refusal> {
    let body = super::answer(Some(world), START, operation, input.to_string().as_bytes())?;
    Ok(serde_json::from_slice(&body).unwrap())
}

fn ask(world: &World, operation: &str, input: Value) -> Value {
    try_to_ask(world, operation, &input).unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn all(world: &World, operation: &str, key: &str, mut input: Value) -> Vec<String> {
    let mut found = Vec::new();
    loop {
        let answer = ask(world, operation, input.clone());
        found.extend(texts(&answer[key]));
        let Some(token) = answer.get("nextToken") else { return found };
        input["nextToken"] = token.clone();
    }
}

#[test]
fn a_few_lines_make_five_hundred_services_and_sixteen_thousand_tasks() {
    let (mut services, mut tasks) = (Vec::new(), Vec::new());
    for cluster in all(&FLEET, "ListClusters", "clusterArns", json!({})) {
        let of_cluster = json!({ "cluster": cluster, "maxResults": 100 });
        services.extend(all(&FLEET, "ListServices", "serviceArns", of_cluster.clone()));
        tasks.extend(all(&FLEET, "ListTasks", "taskArns", of_cluster));
    }
    assert_eq!((services.len(), tasks.len()), (500, 16_000 + under_way()));
    let distinct: HashSet<&String> = services.iter().chain(&tasks).collect();
    assert_eq!(distinct.len(), services.len() + tasks.len());
}

/// A rolling deployment runs the new task before the old one leaves.
fn under_way() -> usize {
    let more = |service: &usize| {
        let life = &FLEET.lives[*service];
        let live = life
            .tasks
            .iter()
            .filter(|task| FLEET.tasks[**task].desired_status_at(START) == "RUNNING")
            .filter(|task| FLEET.tasks[**task].is_known_at(START));
        live.count() as i64 - i64::from(life.desired_at(START))
    };
    (0..FLEET.lives.len()).map(|service| more(&service)).sum::<i64>() as usize
}

#[test]
fn a_dozen_rollouts_are_under_way_and_three_are_mixed_threefold() {
    let (mut in_progress, mut threefold) = (0, 0);
    for service in 0..FLEET.lives.len() {
        let name = &FLEET.scenario.services[service].name;
        let cluster = FLEET.cluster_arn(FLEET.scenario.services[service].cluster);
        let answer =
            ask(&FLEET, "DescribeServices", json!({ "cluster": cluster, "services": [name] }));
        let deployments = answer["services"][0]["deployments"].as_array().unwrap();
        in_progress += usize::from(deployments[0]["rolloutState"] == "IN_PROGRESS");
        threefold += usize::from(deployments.len() == 3);
    }
    assert_eq!((in_progress, threefold), (12, 3));
}

#[test]
fn a_copy_has_its_own_family_and_its_number_where_it_is_asked_for() {
    let input = json!({ "cluster": "web", "services": ["web-003"] });
    let service = &ask(&FLEET, "DescribeServices", input)["services"][0];
    let group = service["loadBalancers"][0]["targetGroupArn"].as_str().unwrap();
    assert!(group.ends_with(":targetgroup/web-003/1d8e0c7a5b2f4e69"), "{group}");
    for (definition, image) in [("web-web-003", "1.1.0"), ("web-web-003:1", "1.0.0")] {
        let input = json!({ "taskDefinition": definition });
        let answer = ask(&FLEET, "DescribeTaskDefinition", input);
        let container = &answer["taskDefinition"]["containerDefinitions"][0];
        let whole = format!("000000000000.dkr.ecr.us-east-1.amazonaws.com/web/app-003:{image}");
        assert_eq!(container["image"], json!(whole));
        let pprof =
            json!({ "containerPort": 6060, "hostPort": 0, "protocol": "tcp", "name": "pprof" });
        assert_eq!(container["portMappings"][1], pprof);
    }
}

#[test]
fn a_page_begins_where_the_last_one_ended_although_a_task_has_gone() {
    let cluster = json!({ "cluster": "api", "maxResults": 100 });
    let first = ask(&FLEET, "ListTasks", cluster.clone());
    let mut input = cluster.clone();
    input["nextToken"] = first["nextToken"].clone();
    let later = START + 1_500_000;
    let body =
        super::answer(Some(&FLEET), later, "ListTasks", input.to_string().as_bytes()).unwrap();
    let second: Value = serde_json::from_slice(&body).unwrap();
    assert!(texts(&first["taskArns"]).last() < texts(&second["taskArns"]).first());
}

#[test]
fn old_arns_lack_the_cluster_and_both_forms_are_understood() {
    let arns = all(&ODD, "ListServices", "serviceArns", json!({ "cluster": "old" }));
    assert_eq!(arns, ["arn:aws:ecs:us-east-1:000000000000:service/web"]);
    let tasks = all(&ODD, "ListTasks", "taskArns", json!({ "cluster": "old" }));
    let hosts = json!({ "cluster": "old" });
    let hosts = all(&ODD, "ListContainerInstances", "containerInstanceArns", hosts);
    assert_eq!((tasks.len(), hosts.len()), (4, 3));
    for (operation, key, failing, short) in [
        (
            "DescribeServices",
            "services",
            "arn:aws:ecs:us-east-1:000000000000:service/nope",
            &arns[0],
        ),
        ("DescribeTasks", "tasks", "arn:aws:ecs:us-east-1:000000000000:task/nope", &tasks[0]),
        (
            "DescribeContainerInstances",
            "containerInstances",
            "arn:aws:ecs:us-east-1:000000000000:container-instance/nope",
            &hosts[0],
        ),
    ] {
        assert_eq!(short.matches('/').count(), 1, "{short}");
        let long = short.replacen('/', "/old/", 1);
        let elsewhere = short.replacen('/', "/new/", 1);
        let id = short.rsplit('/').next().unwrap();
        let input = json!({ "cluster": "old", key: [short, long, id, "nope", elsewhere] });
        let answer = ask(&ODD, operation, input);
        assert_eq!(answer[key].as_array().unwrap().len(), 3, "{operation}");
        assert_eq!(answer["failures"][0], json!({ "arn": failing, "reason": "MISSING" }));
        assert_eq!(answer["failures"][1], json!({ "arn": elsewhere, "reason": "MISSING" }));
        for shown in answer[key].as_array().unwrap() {
            assert_eq!(shown, &answer[key][0]);
        }
    }
    let long = arns[0].replacen('/', "/old/", 1);
    for name in ["web", arns[0].as_str(), long.as_str()] {
        let input = json!({ "cluster": "old", "serviceName": name });
        assert_eq!(all(&ODD, "ListTasks", "taskArns", input).len(), 4, "{name}");
    }
    let task =
        &ask(&ODD, "DescribeTasks", json!({ "cluster": "old", "tasks": [tasks[0]] }))["tasks"][0];
    for arn in [&task["containerInstanceArn"], &task["containers"][0]["containerArn"]] {
        assert_eq!(arn.as_str().unwrap().matches('/').count(), 1, "{arn}");
    }
}

#[test]
fn a_name_of_255_characters_is_a_name() {
    let name = "n".repeat(255);
    let input = json!({ "cluster": "new", "services": [name] });
    let service = &ask(&ODD, "DescribeServices", input)["services"][0];
    assert_eq!((&service["serviceName"], &service["runningCount"]), (&json!(name), &json!(1)));
    let listed =
        all(&ODD, "ListTasks", "taskArns", json!({ "cluster": "new", "serviceName": name }));
    assert_eq!(listed.len(), 1);
    let longer = "name = \"x\"\nsummary = \"\"\nseed = 1\n[[clusters]]\nname = \"c\"\n[[services]]\ncluster = \"c\"\ndesired = 1\n\
                  containers = [{ name = \"app\", image = \"i\" }]\n";
    let longer = format!("{longer}name = \"{}\"\n", "n".repeat(256));
    let error = Scenario::parse("longer.toml", &longer).unwrap_err().to_string();
    assert!(error.contains("at most 255 characters"), "{error}");
}

#[test]
fn a_closed_cluster_is_listed_and_says_nothing_else() {
    let arns = all(&ODD, "ListClusters", "clusterArns", json!({}));
    let closed = "arn:aws:ecs:us-east-1:000000000000:cluster/closed";
    assert!(arns.iter().any(|arn| arn == closed));
    let service = "arn:aws:ecs:us-east-1:000000000000:service/closed/ledger";
    for (operation, input, resource) in [
        ("DescribeClusters", json!({ "clusters": ["new", closed] }), closed),
        ("ListServices", json!({ "cluster": "closed" }), "*"),
        ("ListServices", json!({ "cluster": closed }), "*"),
        ("DescribeServices", json!({ "cluster": "closed", "services": ["ledger"] }), service),
        ("DescribeServices", json!({ "cluster": closed, "services": [service] }), service),
        (
            "ListTasks",
            json!({ "cluster": "closed" }),
            "arn:aws:ecs:us-east-1:000000000000:container-instance/closed/*",
        ),
        (
            "DescribeTasks",
            json!({ "cluster": "closed", "tasks": ["a"] }),
            "arn:aws:ecs:us-east-1:000000000000:task/closed/a",
        ),
        ("ListContainerInstances", json!({ "cluster": "closed" }), closed),
        ("ListServiceDeployments", json!({ "cluster": "closed", "service": "ledger" }), service),
        (
            "DescribeServiceRevisions",
            json!({ "serviceRevisionArns": ["arn:aws:ecs:us-east-1:000000000000:service-revision/closed/ledger/1"] }),
            "arn:aws:ecs:us-east-1:000000000000:service-revision/closed/ledger/1",
        ),
    ] {
        let expected = Refusal::new(
            "AccessDeniedException",
            format!(
                "User: {} is not authorized to perform: ecs:{operation} on resource: {resource} \
                 because no identity-based policy allows the ecs:{operation} action",
                crate::protocols::sts::caller()
            ),
        );
        assert_eq!(try_to_ask(&ODD, operation, &input), Err(expected), "{input}");
    }
    assert!(try_to_ask(&ODD, "DescribeClusters", &json!({ "clusters": ["new", "old"] })).is_ok());
    assert!(try_to_ask(&ODD, "ListServices", &json!({ "cluster": "new" })).is_ok());
}

/// The counts of each host, by asking for it and by counting its tasks.
fn check_hosts(world: &World, cluster: &str) {
    let hosts = all(
        world,
        "ListContainerInstances",
        "containerInstanceArns",
        json!({ "cluster": cluster }),
    );
    let mut counted: HashMap<String, i64> = HashMap::new();
    let mut ports: HashMap<String, HashSet<i64>> = HashMap::new();
    let tasks = all(world, "ListTasks", "taskArns", json!({ "cluster": cluster }));
    for some in tasks.chunks(100) {
        let answer = ask(world, "DescribeTasks", json!({ "cluster": cluster, "tasks": some }));
        for task in answer["tasks"].as_array().unwrap() {
            let Some(host) = task["containerInstanceArn"].as_str() else { continue };
            assert_eq!(task["lastStatus"], "RUNNING");
            *counted.entry(host.to_owned()).or_default() += 1;
            for container in task["containers"].as_array().unwrap() {
                for binding in container["networkBindings"].as_array().unwrap() {
                    let port = binding["hostPort"].as_i64().unwrap();
                    let first = ports.entry(host.to_owned()).or_default().insert(port);
                    assert!(first, "the port {port} is bound twice on {host}");
                }
            }
        }
    }
    let answer = ask(
        world,
        "DescribeContainerInstances",
        json!({ "cluster": cluster, "containerInstances": hosts }),
    );
    let instances = answer["containerInstances"].as_array().unwrap();
    assert_eq!(instances.len(), hosts.len());
    let mut running = 0;
    for instance in instances {
        let arn = instance["containerInstanceArn"].as_str().unwrap();
        running += instance["runningTasksCount"].as_i64().unwrap();
        assert_eq!(instance["runningTasksCount"], counted.get(arn).copied().unwrap_or(0));
        let remaining = instance["remainingResources"].as_array().unwrap();
        let registered = instance["registeredResources"].as_array().unwrap();
        for (remaining, registered) in remaining.iter().zip(registered).take(2) {
            assert!(remaining["integerValue"].as_i64() <= registered["integerValue"].as_i64());
        }
        let taken = remaining[2]["stringSetValue"].as_array().unwrap();
        for port in ports.get(arn).into_iter().flatten() {
            let in_tcp = taken.contains(&json!(port.to_string()));
            let udp = remaining[3]["stringSetValue"].as_array().unwrap();
            assert!(in_tcp || udp.contains(&json!(port.to_string())), "{port}");
        }
    }
    let cluster = ask(world, "DescribeClusters", json!({ "clusters": [cluster] }));
    assert_eq!(cluster["clusters"][0]["registeredContainerInstancesCount"], hosts.len());
    let fargate = counted.is_empty();
    assert!(fargate || cluster["clusters"][0]["runningTasksCount"].as_i64() >= Some(running));
}

#[test]
fn container_instances_agree_with_the_tasks_on_them() {
    for cluster in ["web", "api", "worker", "edge"] {
        check_hosts(&FLEET, cluster);
    }
}

#[test]
fn tasks_of_one_host_are_listed_by_its_arn_and_its_id() {
    let input = json!({ "cluster": "old" });
    let hosts = all(&ODD, "ListContainerInstances", "containerInstanceArns", input);
    let on = |host: &str| {
        let input = json!({ "cluster": "old", "containerInstance": host });
        all(&ODD, "ListTasks", "taskArns", input)
    };
    let found: usize = hosts.iter().map(|host| on(host).len()).sum();
    assert_eq!(found, 4);
    for host in &hosts {
        assert_eq!(on(host), on(host.rsplit('/').next().unwrap()));
    }
    assert!(on("nope").is_empty());
}

#[test]
fn a_task_is_reached_on_its_host_or_at_its_own_address() {
    let describe = |world: &World, cluster: &str, service: &str| {
        let input = json!({ "cluster": cluster, "serviceName": service });
        let tasks = all(world, "ListTasks", "taskArns", input);
        let some = &tasks[..tasks.len().min(100)];
        let answer = ask(world, "DescribeTasks", json!({ "cluster": cluster, "tasks": some }));
        answer["tasks"].as_array().unwrap().clone()
    };
    for task in describe(&ODD, "old", "web") {
        let bindings = task["containers"][0]["networkBindings"].as_array().unwrap();
        assert_eq!(
            bindings[0],
            json!({ "bindIP": "0.0.0.0", "containerPort": 80, "hostPort": 8080, "protocol": "tcp" })
        );
        assert_eq!(bindings[1]["protocol"], "udp");
        assert!((32_768..61_000).contains(&bindings[1]["hostPort"].as_i64().unwrap()));
        assert_eq!(task["attachments"], json!([]));
    }
    let mut addresses = HashSet::new();
    for copy in 1..=100 {
        for task in describe(&FLEET, "batch", &format!("batch-{copy:03}")) {
            let details = task["attachments"][0]["details"].as_array().unwrap();
            let address = details
                .iter()
                .find(|detail| detail["name"] == "privateIPv4Address")
                .and_then(|detail| detail["value"].as_str())
                .unwrap();
            let interface = &task["containers"][0]["networkInterfaces"][0];
            assert_eq!(interface["privateIpv4Address"], address);
            assert_eq!(interface["attachmentId"], task["attachments"][0]["id"]);
            assert!(address.parse::<std::net::Ipv4Addr>().unwrap().is_private(), "{address}");
            assert!(addresses.insert(address.to_owned()), "{address} twice");
            assert!(task.get("containerInstanceArn").is_none());
        }
    }
    assert!(addresses.len() >= 2_000);
}

#[test]
fn what_container_instances_are_asked_for_has_limits() {
    for (input, code) in [
        (json!({ "cluster": "nope", "containerInstances": ["a"] }), "ClusterNotFoundException"),
        (json!({ "cluster": "new", "containerInstances": [] }), "InvalidParameterException"),
        (json!({ "cluster": "new" }), "InvalidParameterException"),
        (
            json!({ "cluster": "new", "containerInstances": vec!["a"; 101] }),
            "InvalidParameterException",
        ),
    ] {
        let refusal = try_to_ask(&ODD, "DescribeContainerInstances", &input).unwrap_err();
        assert_eq!(refusal.code(), code, "{input}");
    }
    for input in [
        json!({ "cluster": "new", "status": "INACTIVE" }),
        json!({ "cluster": "new", "maxResults": 0 }),
        json!({ "cluster": "new", "filter": "agentConnected == true" }),
        json!({ "cluster": "new", "nextToken": "made-up" }),
    ] {
        let refusal = try_to_ask(&ODD, "ListContainerInstances", &input).unwrap_err();
        assert_eq!(refusal.code(), "InvalidParameterException", "{input}");
    }
    let draining = json!({ "cluster": "new", "status": "DRAINING" });
    assert!(all(&ODD, "ListContainerInstances", "containerInstanceArns", draining).is_empty());
}
