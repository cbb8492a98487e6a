//! `oncall changelog` prints no secret and keeps none, wherever one stands in what it reads.
//!
//! What may be told, and is not planted: the first 80 characters of an index key, the summary of a
//! diagnostic, the title of a refusal, and harmless scalars over which no mask stands.

use serde_json::{Value, json};

use crate::support::cloud::{Answer, Cloud, Request};
use crate::support::planter::{Planter, kept};
use crate::support::{Machine, Ran};

/// An address whose key goes on behind what is shown of it.
fn address(planter: &mut Planter) -> String {
    format!("aws_db_instance.ledger[\"{}{}\"]", "k".repeat(80), planter.secret())
}

fn plan(planter: &mut Planter) -> String {
    let address = address(planter);
    let mut change = |actions: &[&str]| {
        json!({ "address": address, "type": "aws_db_instance", "mode": "managed", "name": planter.secret(),
            "index": planter.secret(), "provider_name": planter.secret(),
            "change": { "actions": actions, "before": planter.attributes(), "after": planter.attributes(),
                "after_unknown": { "id": true }, "before_sensitive": { "password": true },
                "after_sensitive": { "password": true }, "before_identity": planter.tree(),
                "importing": { "id": planter.secret() }, "generated_config": planter.secret() } })
    };
    let changes = [change(&["update"]), change(&["delete", "create"]), change(&["delete"])];
    let drift = [change(&["update"])];
    json!({ "format_version": "1.2", "terraform_version": "1.11.4", "timestamp": "2026-11-22T19:30:00Z",
        "variables": { "db_password": { "value": planter.secret() } },
        "planned_values": { "outputs": { "dsn": { "sensitive": true, "value": planter.tree() } },
            "root_module": { "resources": [{ "values": planter.attributes() }] } },
        "output_changes": { "dsn": { "actions": ["update"], "before": planter.tree(), "after": planter.tree() } },
        "prior_state": { "format_version": "1.0", "values": planter.tree() },
        "configuration": { "provider_config": { "aws": { "expressions": planter.tree() } } },
        "checks": [{ "instances": [{ "problems": [{ "message": planter.secret() }] }] }],
        "relevant_attributes": [{ "resource": planter.secret(), "attribute": [planter.secret()] }],
        "resource_changes": changes, "resource_drift": drift, planter.secret(): planter.tree() })
    .to_string()
}

fn apply(planter: &mut Planter) -> String {
    let address = address(planter);
    let mut hook = |action: &str| {
        json!({ "resource": { "addr": address, "resource_type": "aws_db_instance",
                "resource_key": planter.secret(), "module": planter.secret() },
            "action": action, "id_key": "id", "id_value": planter.secret(), "elapsed_seconds": 2 })
    };
    let (begun, going, ended) = (hook("update"), hook("update"), hook("update"));
    let bodies = [
        ("version", json!({ "terraform": "1.11.4", "ui": "1.2" })),
        (
            "planned_change",
            json!({ "change": { "resource": begun["resource"], "action": "update",
            "importing": { "id": planter.secret() }, "generated_config": planter.secret() } }),
        ),
        ("apply_start", json!({ "hook": begun })),
        (
            "provision_progress",
            json!({ "hook": { "resource": begun["resource"], "output": planter.secret() } }),
        ),
        ("apply_progress", json!({ "hook": going })),
        ("apply_errored", json!({ "hook": ended })),
        (
            "diagnostic",
            json!({ "diagnostic": { "severity": "error", "summary": "it failed",
            "detail": planter.secret(), "range": { "filename": planter.secret() },
            "snippet": { "code": planter.secret(), "context": planter.secret(),
                "values": [{ "traversal": planter.secret(), "statement": planter.secret() }] } } }),
        ),
        (
            "outputs",
            json!({ "outputs": { "dsn": { "sensitive": true, "value": planter.tree() } } }),
        ),
        (&planter.secret(), json!({ "hook": planter.tree() })),
    ]
    .map(|(kind, mut body)| {
        body["type"] = json!(kind);
        body["@level"] = json!("info");
        body["@message"] = json!(planter.secret());
        body["@timestamp"] = json!("2026-11-22T19:31:00Z");
        body.to_string()
    });
    let noise = format!(
        "+ export TF_VAR_password={}\n{{\"@level\":\"{}\"",
        planter.secret(),
        planter.secret()
    );
    format!("{}\n{noise}\n", bodies.join("\n"))
}

/// A state of so many applies.
pub(crate) fn state(planter: &mut Planter, lineage: &str, serial: u64) -> String {
    let instance = |planter: &mut Planter| {
        json!({ "attributes": planter.attributes(), "private": planter.secret(), "schema_version": 1,
            "index_key": format!("{}{}", "k".repeat(80), lineage), "dependencies": [planter.secret()],
            "sensitive_attributes": [[{ "type": "get_attr", "value": planter.secret() }]],
            "identity": planter.tree(), planter.secret(): planter.tree() })
    };
    let resources: Vec<Value> = ["aws_db_instance", "aws_ssm_parameter"]
        .map(|kind| {
            json!({ "mode": "managed", "type": kind, "name": "ledger", "provider": planter.secret(),
                "instances": [instance(planter)] })
        })
        .into();
    json!({ "version": 4, "terraform_version": "1.11.4", "serial": serial, "lineage": lineage,
        "outputs": { "dsn": { "value": planter.secret(), "type": "string" }, planter.secret(): { "value": planter.tree() } },
        "check_results": [{ "object_kind": "check", "config_addr": planter.secret(),
            "objects": [{ "failure_messages": [planter.secret()] }] }],
        "resources": resources, planter.secret(): planter.tree() })
    .to_string()
}

/// All the ways in which a record is written.
pub(crate) const FORMS: [&str; 6] = [
    "-o json",
    "-o text",
    "-o raw",
    "--debug",
    "--jq .",
    "--template '{{ resources }}{{ summary }}'",
];

#[test]
fn no_secret_of_a_plan_an_apply_or_a_state_comes_out_of_a_pipe() {
    let mut planter = Planter::default();
    let lineage = planter.secret();
    let state = state(&mut planter, &lineage, 3);
    let (plan, apply) = (plan(&mut planter), apply(&mut planter));
    planter.assert_planted(&[plan.as_str(), &apply, &state].concat());
    let machine = Machine::new();
    for verb in ["plan", "apply"] {
        for (document, whose) in [(&plan, "plan"), (&apply, "apply"), (&state, "state")] {
            for form in FORMS {
                let ran = machine
                    .pipes(document.as_bytes(), &format!("oncall changelog {verb} - {form}"));
                let is_read = verb == whose;
                assert_eq!(ran.code, if is_read { 0 } else { 2 }, "{whose} {form}: {ran}");
                if is_read && !form.contains("raw") && !form.contains("text") {
                    assert!(ran.stdout.contains("aws_db_instance.ledger"), "{form}: {ran}");
                }
                planter.assert_hidden(&ran.to_string(), "the output");
            }
        }
    }
    planter.assert_hidden(&kept(machine.home()), "what is kept");
}

#[test]
fn no_secret_comes_out_of_what_is_cut_or_broken() {
    let mut planter = Planter::default();
    let documents = [("plan", plan(&mut planter)), ("apply", apply(&mut planter))];
    let machine = Machine::new();
    for (verb, document) in &documents {
        for part in 1..12 {
            let cut = &document.as_bytes()[..document.len() * part / 12];
            // A bracket is missing in the middle, and what follows is read as something else.
            let mut broken = document.clone().into_bytes();
            let at = cut.len()
                + broken[cut.len()..].iter().position(|byte| b"{}[]:".contains(byte)).unwrap_or(0);
            broken[at] = b' ';
            for input in [cut, &broken] {
                let ran = machine.pipes(input, &format!("oncall changelog {verb} - --debug"));
                assert!([0, 2, 3].contains(&ran.code), "{ran}");
                planter.assert_hidden(&ran.to_string(), "the output");
            }
        }
    }
}

/// Three runs: of the first the plan is to be had behind a redirect, of the second nothing but refusals,
/// of the third a redirect to a place where nobody answers. What links lead to is on a host of its own, the
/// second one.
fn careless(planter: &mut Planter) -> (Cloud, Cloud) {
    let (key, nowhere) = (planter.secret(), Cloud::nowhere());
    let plan = plan(planter);
    let refusal = json!({ "errors": [{ "status": "404", "title": "not found", "detail": planter.secret() }] });
    let page = format!("<html><body>{}</body></html>", planter.secret());
    let log_key = planter.secret();
    let run = |planter: &mut Planter, number: u8| {
        let link = |kind: &str| json!({ "data": { "id": format!("{kind}-{number}"), "type": format!("{kind}s") } });
        json!({ "id": format!("run-{number}"), "type": "runs",
            "attributes": { "status": "applied", "message": format!("change {number}"), "source": "tfe-api",
                "created-at": "2026-11-22T19:30:00Z", "has-changes": true,
                "status-timestamps": { "applying-at": format!("2026-11-22T19:4{number}:00Z"),
                    "applied-at": format!("2026-11-22T19:4{number}:30Z") },
                "variables": [{ "key": planter.secret(), "value": planter.secret() }],
                "permissions": planter.tree(), planter.secret(): planter.tree() },
            "relationships": { "workspace": { "data": { "id": "ws-1", "type": "workspaces" } },
                "plan": link("plan"), "apply": { "data": { "id": format!("apply-{number}"), "type": "applies" } },
                planter.secret(): { "links": { "related": planter.secret() } } } })
    };
    let runs: Vec<Value> = (1..4).map(|number| run(planter, number)).collect();
    let workspace = json!({ "id": "ws-1", "type": "workspaces",
        "attributes": { "name": "ledger-prod", "execution-mode": "remote", "description": planter.secret(),
            "vcs-repo": { "oauth-token-id": planter.secret(), "webhook-url": planter.secret() },
            planter.secret(): planter.tree() } });
    let archive =
        Cloud::that(move |request: &Request| match request.path().starts_with("/archive") {
            true => Answer::json(plan.clone()),
            false => Answer { body: page.clone().into_bytes(), ..Answer::html(403) },
        });
    let links = archive.url.clone();
    let api = Cloud::that(move |request: &Request| {
        let path = request.path();
        let answer = |value: Value| Answer {
            content_type: "application/vnd.api+json",
            ..Answer::json(value.to_string())
        };
        let refused = |status: u16| Answer { status, ..answer(refusal.clone()) };
        let phase = |id: &str, kind: &str| {
            json!({ "id": id, "type": kind, "attributes": { "status": "finished", "structured-run-output-enabled": true,
                "resource-changes": 3, "log-read-url": format!("{links}/logs/{log_key}") } })
        };
        let phases: Vec<Value> = (1..4)
            .flat_map(|number| {
                [
                    phase(&format!("plan-{number}"), "plans"),
                    phase(&format!("apply-{number}"), "applies"),
                ]
            })
            .chain([workspace.clone()])
            .collect();
        match path.split('?').next().unwrap_or_default() {
            "/api/v2/organizations/acme/runs" => {
                answer(json!({ "data": runs, "included": phases }))
            }
            "/api/v2/organizations/acme/workspaces" => answer(json!({ "data": [workspace] })),
            "/api/v2/plans/plan-1/json-output-redacted" => {
                Answer::elsewhere(format!("{links}/archive?key={key}"))
            }
            "/api/v2/plans/plan-2/json-output" => refused(403),
            "/api/v2/plans/plan-3/json-output-redacted" => {
                Answer::elsewhere(format!("{nowhere}/archive?key={key}"))
            }
            _ => refused(404),
        }
    });
    (api, archive)
}

#[test]
fn no_secret_of_terraforms_answers_is_printed_or_kept() {
    let mut planter = Planter::default();
    let (cloud, archive) = careless(&mut planter);
    let token = planter.secret();
    let mut machine = Machine::new();
    machine.set("TFE_ADDRESS", &cloud.url).set("TFE_TOKEN", &token);
    machine.set("TF_CLOUD_ORGANIZATION", "acme");
    let line = "oncall changelog --source terraform --since 2026-11-22T19:00:00Z --until 2026-11-22T20:00:00Z";
    let mut all = Vec::new();
    for form in FORMS.into_iter().chain(["--summary json", "--rank --explain"]) {
        let ran = machine.types(&format!("{line} {form}"));
        assert_eq!(ran.code, 3, "details are missing: {ran}");
        planter.assert_hidden(&ran.to_string(), "the output");
        all.push(ran);
    }
    let said: String = all.iter().map(Ran::to_string).collect();
    assert!(said.contains("aws_db_instance.ledger"), "the plan was read: {said}");
    assert!(said.contains("change 2") && said.contains("change 3"), "{said}");
    let kept = kept(machine.home());
    assert!(kept.contains("aws_db_instance.ledger"), "what the first run did is kept: {kept}");
    planter.assert_hidden(&kept, "what is kept");

    let asked = |cloud: &Cloud, path: &str| {
        cloud.requests().iter().any(|request| request.path().starts_with(path))
    };
    assert!(asked(&cloud, "/api/v2/plans/plan-2/json-output"));
    assert!(asked(&archive, "/archive?key=") && asked(&archive, "/logs/"));
    let all = archive.requests();
    assert!(all.iter().all(|request| !request.headers.contains(&token)), "a link gets no token");
}

#[test]
fn no_secret_of_an_answer_that_is_none_is_printed() {
    let mut planter = Planter::default();
    let (word, token) = (planter.secret(), planter.secret());
    let answers: [(u16, &'static str, String); 5] = [
        (401, "application/vnd.api+json", json!({ "errors": [{ "detail": word }] }).to_string()),
        (
            403,
            "application/vnd.api+json",
            json!({ "errors": [{ "title": "no", "detail": word, "source": { "pointer": word } }] })
                .to_string(),
        ),
        (200, "text/html", format!("<html>{word}</html>")),
        (200, "application/vnd.api+json", format!("{{\"data\":[{{\"id\":[\"{word}\"]}}]}}")),
        (200, "application/vnd.api+json", format!("{{\"data\":[{{\"id\":\"{word}")),
    ];
    for (status, content_type, body) in answers {
        let cloud =
            Cloud::that(move |_| Answer { status, content_type, ..Answer::json(body.clone()) });
        let mut machine = Machine::new();
        machine.set("TFE_ADDRESS", &cloud.url).set("TFE_TOKEN", &token);
        machine.set("TF_CLOUD_ORGANIZATION", "acme");
        for form in ["--debug", "--summary json"] {
            let ran = machine.types(&format!("oncall changelog --source terraform {form}"));
            assert!([3, 4].contains(&ran.code), "{status} {content_type}: {ran}");
            planter.assert_hidden(&ran.to_string(), "the output");
        }
        planter.assert_hidden(&kept(machine.home()), "what is kept");
        assert!(!cloud.requests().is_empty());
    }
}
