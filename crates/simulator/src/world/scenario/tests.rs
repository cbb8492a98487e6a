use super::Scenario;

/// A small scenario that every test breaks in its own way.
const GOOD: &str = r#"
name = "small"
summary = "One of everything."
seed = 3
shortest = ["oncall --drill logs api"]

[page]
title = "The api is slow"

[[hints]]
text = "Look at the api."

[[causes]]
name = "release"
role = "what began it"
says = "The release of the api."
accepts = [[["api"], ["release*", "deploy*"]]]

[[decoys]]
name = "api"
unless = "release"
says = "It is slow, but why?"
accepts = [[["api"]], [["slow"]]]

[waves.dns]
from = "-30m"
every = "5m"
on = "90s"

[[clusters]]
name = "prod"
hosts = 2

[[services]]
name = "api"
cluster = "prod"
desired = 2

[[services.containers]]
name = "api"
image = "example/api:1"
log = { driver = "awslogs", group = "/x", stream_prefix = "p" }
rate = 1

[[services.containers.templates]]
weight = 1
level = "info"
message = "hello ${id}"
wave = "dns"
fields.id = { hex = 4 }

[[timeline]]
at = "-10m"
deploy = { service = "api", images = { api = "example/api:2" } }
"#;

/// What happens in it.
const DEPLOY: &str = "deploy = { service = \"api\", images = { api = \"example/api:2\" } }";

#[test]
fn the_good_one_is_good() {
    let scenario = Scenario::parse("small.toml", GOOD).unwrap();
    assert_eq!(scenario.name(), "small");
    assert_eq!(scenario.page_lead().as_secs(), 240);
    assert_eq!(scenario.region(), "us-east-1");
}

#[test]
fn every_builtin_is_good() {
    for name in Scenario::builtin_names() {
        assert_eq!(
            Scenario::builtin(name).map(|scenario| scenario.name().to_owned()).as_deref(),
            Some(*name)
        );
    }
    assert!(Scenario::builtin("incident-7").is_none());
}

/// The message for a scenario in which `from` became `to`, and the text that its position points at.
fn broken(from: &str, to: &str) -> (String, String) {
    assert!(GOOD.contains(from), "{from}");
    let text = GOOD.replacen(from, to, 1);
    let error = Scenario::parse("small.toml", &text).unwrap_err();
    let line = text.lines().nth(error.line() - 1).unwrap_or_default();
    let pointed: String = line.chars().skip(error.column() - 1).collect();
    assert!(
        error.to_string().starts_with(&format!("small.toml:{}:{}: ", error.line(), error.column())),
        "{error}"
    );
    (error.to_string(), pointed)
}

#[test]
fn mistakes_have_a_line_and_a_column() {
    for (from, to, says, points_at) in [
        ("seed = 3", "seed = \"x\"", "invalid type: string", "\"x\""),
        ("seed = 3", "seeds = 3", "unknown field `seeds`", "seeds"),
        ("rate = 1", "lag = [\"8s\", \"1s\"]", "the shortest one, then the longest", "[\"8s\""),
        ("rate = 1", "lag = [\"8s\"]", "invalid length 1", "[\"8s\""),
        (
            "[waves.dns]",
            "[faults]\nfault = [\"cut:x\"]\n[waves.dns]",
            "expected KIND:N",
            "\"cut:x\"",
        ),
        (
            "[waves.dns]",
            "[faults]\ntps = [\"X=1\"]\n[waves.dns]",
            "there is no operation \"X\"",
            "\"X=1\"",
        ),
        ("hosts = 2", "host = 2", "unknown field `host`", "host"),
        ("cluster = \"prod\"", "cluster = \"pro\"", "there is no cluster \"pro\"", "\"pro\""),
        ("service = \"api\"", "service = \"apu\"", "there is no service \"apu\"", "\"apu\""),
        (
            "service = \"api\"",
            "service = \"edge/api\"",
            "there is no service \"edge/api\"",
            "\"edge/api\"",
        ),
        ("images = { api", "images = { web", "has no container \"web\"", "web"),
        ("weight = 1", "weight = -1", "a weight is more than 0", "-1"),
        (
            "weight = 1",
            "weight = 1\nrate = 2",
            "exactly one of",
            "[[services.containers.templates]]",
        ),
        ("rate = 1", "", "there is none beside", "1"),
        ("level = \"info\"", "level = \"loud\"", "unknown variant `loud`", "\"loud\""),
        (
            "driver = \"awslogs\"",
            "driver = \"carrier-pigeon\"",
            "unknown variant `carrier-pigeon`",
            "\"carrier-pigeon\"",
        ),
        (", stream_prefix = \"p\"", "", "needs a \"group\" and a \"stream_prefix\"", "{ driver"),
        ("hello ${id}", "hello ${di}", "\"${di}\" is neither a field nor", "\"hello"),
        ("wave = \"dns\"", "wave = \"sea\"", "there is no wave \"sea\"", "\"sea\""),
        ("{ hex = 4 }", "{ hex = 4, uuid = true }", "exactly one of", "{ hex"),
        ("every = \"5m\"", "every = \"5 minutes\"", "is not a length of time", "\"5 minutes\""),
        ("at = \"-10m\"", "at = \"10 ago\"", "is not a moment relative to the page", "\"10 ago\""),
        ("at = \"-10m\"", "at = \"-60d\"", "before the world begins", "[[timeline]]"),
        (
            "deploy = {",
            "scale = { service = \"api\", desired = 3 }\ndeploy = {",
            "exactly one of \"deploy\"",
            "[[timeline]]",
        ),
        ("desired = 2", "scheduling = \"daemon\"\ndesired = 2", "is a daemon", "\"api\""),
        ("desired = 2", "desired = 2\nahead = \"3h\"", "at most two hours ahead", "\"3h\""),
        ("rate = 1\n", "rate = 1\nahead = \"-3s\"\n", "is not a length of time", "\"-3s\""),
        (
            "[[clusters]]",
            "[faults]\nexpire_for = \"9s\"\n[[clusters]]",
            "needs \"expire_after\"",
            "\"9s\"",
        ),
        ("desired = 2", "", "does not say how many tasks", "\"api\""),
        ("desired = 2", "desired = 2\ncopies = 0", "between 1 and 5000 copies", "0"),
        ("desired = 2", "desired = 2\ncopies = 3", "there is no service \"api\"", "\"api\""),
        ("rate = 1\n", "rate = 1\nports = [{ port = 0 }]\n", "a port is more than 0", "{ port"),
        (
            "rate = 1\n",
            "rate = 1\nports = [{ port = 80 }, { port = 80 }]\n",
            "the port 80 is there twice",
            "{ port = 80 }]",
        ),
        ("rate = 1\n", "rate = 1\nports = [{ number = 80 }]\n", "unknown field `number`", "number"),
        (
            "hosts = 2",
            "hosts = 2\n[[images]]\nname = \"api:1\"\nmissing = true",
            "only a registry of AWS",
            "\"api:1\"",
        ),
        (
            DEPLOY,
            "push = { image = \"web@sha256:aa\" }",
            "what is pushed to is a tag",
            "\"web@sha256:aa\"",
        ),
        (
            DEPLOY,
            "push = { image = \"web\", digest = \"sha256:AA\" }",
            "64 hexadecimal digits",
            "\"sha256:AA\"",
        ),
        (DEPLOY, "push = { images = \"web\" }", "unknown field `images`", "images"),
        (DEPLOY, "", "exactly one of", ""),
        (DEPLOY, "register = { service = \"apu\" }", "there is no service \"apu\"", "\"apu\""),
        (
            DEPLOY,
            "sick = { service = \"api\", share = 0.5, to = \"0\" }",
            "no container of \"api\" has a \"health_check\"",
            "\"api\"",
        ),
        (
            "images = { api = \"example/api:2\" } }",
            "fail = { stop = 1 } }",
            "unknown field `stop`",
            "stop",
        ),
        (
            "images = { api = \"example/api:2\" } }",
            "fail = { reason = \"x\" } }",
            "a container that fails has an \"exit_code\"",
            "\"x\"",
        ),
        (
            "images = { api = \"example/api:2\" } }",
            "fail = {}, settles = true }",
            "does not settle",
            "true",
        ),
        ("images = {", "force = true, images = {", "has no \"images\"", "true"),
        ("desired = 2", "desired = 2\ncontroller = \"MINE\"", "unknown variant `MINE`", "\"MINE\""),
        (
            "desired = 2",
            "desired = 2\ncontroller = \"CODE_DEPLOY\"",
            "the traffic of a \"load_balancer\"",
            "\"CODE_DEPLOY\"",
        ),
        (
            "desired = 2",
            "desired = 2\ncontroller = \"EXTERNAL\"\ncircuit_breaker = { enable = true, rollback = true }",
            "\"circuit_breaker\" is for the controller ECS",
            "{ enable",
        ),
        (
            "desired = 2",
            "desired = 2\ncircuit_breaker = { enable = true }",
            "missing field `rollback`",
            "{ enable",
        ),
        ("desired = 2", "desired = 2\nbake = \"5m\"", "for the strategy BLUE_GREEN", "\"5m\""),
        ("desired = 2", "desired = 2\nalarms = { names = [] }", "alarms have \"names\"", "{ names"),
        ("title = \"The api is slow\"", "", "missing field `title`", "[page]"),
        ("\"The api is slow\"", "\" \"", "a title is not empty", "\" \""),
        ("title =", "titel =", "unknown field `titel`", "titel"),
        ("text = \"Look at the api.\"", "text = \"\"", "a hint is not empty", "\"\""),
        (
            "shortest = [\"oncall --drill logs api\"]",
            "shortest = [\"\"]",
            "a command is not",
            "\"\"",
        ),
        ("[[decoys]]", "[[causes]]", "unknown field `unless`", "unless"),
        ("unless = \"release\"", "unless = \"rain\"", "there is no cause \"rain\"", "\"rain\""),
        ("[[\"api\"], [\"release*\", \"deploy*\"]]", "", "an empty list accepts nothing", "[]"),
        ("[\"release*\", \"deploy*\"]", "[]", "an empty list accepts nothing", "[]]]"),
        ("\"deploy*\"", "\"*\"", "a word has a letter or a digit", "\"*\""),
        (
            "[[[\"api\"], [\"release*\", \"deploy*\"]]]",
            "[[\"api\"]]",
            "expected a sequence",
            "\"api\"",
        ),
        (
            "[[decoys]]",
            "[[causes]]\nname = \"release\"\nrole = \"r\"\nsays = \"s\"\naccepts = [[[\"x\"]]]\n[[decoys]]",
            "the cause \"release\" is there twice",
            "\"release\"",
        ),
    ] {
        let (message, pointed) = broken(from, to);
        assert!(message.contains(says), "{message}");
        assert!(!message.contains('\n'), "{message}");
        assert!(pointed.starts_with(points_at), "{message} points at {pointed}");
    }
}

#[test]
fn a_name_in_two_clusters_needs_its_cluster() {
    let text = GOOD.replace(
        "[[timeline]]",
        "[[clusters]]\nname = \"edge\"\n\n[[services]]\nname = \"api\"\ncluster = \"edge\"\ndesired = 1\n\
         containers = [{ name = \"api\", image = \"x\" }]\n\n[[timeline]]",
    );
    let error = Scenario::parse("small.toml", &text).unwrap_err().to_string();
    assert!(
        error.contains("more than one cluster has a service \"api\": write CLUSTER/api"),
        "{error}"
    );
    assert!(
        Scenario::parse("small.toml", &text.replace("service = \"api\"", "service = \"prod/api\""))
            .is_ok()
    );
}

#[test]
fn copies_are_services_of_their_own() {
    let text = GOOD
        .replace("desired = 2", "desired = 2\ncopies = 12\nfamily = \"f-${copy}\"")
        .replace("group = \"/x\"", "group = \"/x/${copy}\"")
        .replace("image = \"example/api:1\"", "image = \"example/api-${copy}:1\"")
        .replace("service = \"api\"", "service = \"api-007\"")
        .replace("\"example/api:2\"", "\"example/api-${copy}:2\"")
        + "[[timeline]]\nat = \"-5m\"\n\
           register = { service = \"api-007\", images = { api = \"example/api-${copy}:3\" } }\n";
    let world = crate::World::new(Scenario::parse("small.toml", &text).unwrap(), 1_795_380_000_000);
    let services = &world.scenario.services;
    assert_eq!((services.len(), services[11].name.as_str()), (12, "api-012"));
    assert_eq!((services[6].family.as_str(), world.scenario.groups.len()), ("f-007", 12));
    assert_eq!(world.scenario.groups[6].name, "/x/007");
    let images = |service: usize| {
        let deployments = world.lives[service].deployments.iter();
        deployments.map(|deployment| deployment.images[0].as_str()).collect::<Vec<_>>()
    };
    assert_eq!(images(6), ["example/api-007:1", "example/api-007:2"]);
    assert_eq!(images(7), ["example/api-008:1"]);
    let registered = world.lives[6].definitions.last().unwrap();
    assert_eq!(registered.images, ["example/api-007:3"]);
    let ids: std::collections::HashSet<&str> =
        world.tasks.iter().map(|task| task.id.as_str()).collect();
    assert_eq!(ids.len(), world.tasks.len());
}

#[test]
fn lag_is_the_nearest_tables() {
    let with = |container: &str, service: &str, group: &str| {
        let text = GOOD.replacen("rate = 1\n", &format!("rate = 1\n{container}\n"), 1).replacen(
            "desired = 2\n",
            &format!("desired = 2\n{service}\n"),
            1,
        ) + &format!("\n[[log_groups]]\nname = \"/x\"\n{group}\n");
        let world =
            crate::World::new(Scenario::parse("small.toml", &text).unwrap(), 1_795_380_000_000);
        world.streams.iter().map(|stream| stream.delay.longest()).max().unwrap()
    };
    let (one, two, three) =
        ("lag = [\"0\", \"1m\"]", "lag = [\"1s\", \"2m\"]", "lag = [\"500ms\", \"3m\"]");
    assert_eq!(with(one, two, three), 60_000);
    assert_eq!(with("", two, three), 120_000);
    assert_eq!(with("", "", three), 180_000);
    assert!(with("", "", "") < 3_000);
}

#[test]
fn faults_are_written_as_the_flags_are() {
    let faults = "[faults]\nlatency = \"5ms+2ms\"\ntps = [\"25\", \"published\"]\nscan_limit = 500\npage_limit = 100\nwithout = [\"newest-first\"]\nfault = [\"cut:13@FilterLogEvents\", \"drop:4\"]\nlive_limit = \"5s\"\nlive_sessions = 1\nexpire_after = \"20s\"\nexpire_for = \"10s\"\nstop_after = \"2m\"\n";
    let scenario = Scenario::parse("small.toml", &format!("{GOOD}\n{faults}")).unwrap();
    let expected = crate::Faults {
        latency: "5ms+2ms".parse().unwrap(),
        rates: vec!["25".parse().unwrap(), "published".parse().unwrap()],
        scan_limit: std::num::NonZeroUsize::new(500),
        page_limit: std::num::NonZeroUsize::new(100),
        without: vec![crate::Feature::NewestFirst],
        faults: vec!["cut:13@FilterLogEvents".parse().unwrap(), "drop:4".parse().unwrap()],
        live_sessions: Some(1),
        live_limit: Some(std::time::Duration::from_secs(5)),
        expire_after: Some(std::time::Duration::from_secs(20)),
        expire_for: Some(std::time::Duration::from_secs(10)),
        stop_after: Some(std::time::Duration::from_secs(120)),
    };
    assert_eq!(*scenario.faults(), expected);
    assert_eq!(*Scenario::parse("small.toml", GOOD).unwrap().faults(), crate::Faults::default());
    for mistake in ["scan_limit = 0", "page_limit = -1", "without = [\"oldest-first\"]"] {
        let text = format!("{GOOD}\n[faults]\n{mistake}\n");
        assert!(Scenario::parse("small.toml", &text).is_err(), "{mistake}");
    }
}
