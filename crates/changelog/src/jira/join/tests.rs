use http::{Address, Secret};
use serde_json::{Value, json};

use super::*;
use crate::jira::{Access, Deployment, Login};
use crate::loopback::{self, Heard, Server, client, status as refusal};
use crate::record::Status;

fn jira(server: &Server) -> Jira {
    let login = Login::Basic { name: "me@acme.example".to_owned(), token: Secret::new("s3cret") };
    let address = Address::parse(&server.url).unwrap();
    Jira::new(client(), Access { address, login, deployment: Deployment::Cloud })
}

fn tickets(server: &Server, projects: &[&str]) -> Tickets {
    Tickets::new(jira(server), TicketRules::default(), Projects::new(projects))
}

const NOON: Time = Time::from_millis(1_795_521_600_000);

fn change(source: Source, keys: &[&str]) -> ChangeRecord {
    let mut change = ChangeRecord::new(NOON, source, Status::Applied, "x");
    let bare = |key: &&str| Ticket { key: (*key).to_owned(), ..Ticket::default() };
    change.tickets = keys.iter().map(bare).collect();
    change.flags = vec![Flag::Destroys, Flag::AutoApply];
    change
}

/// Jira with a ticket that is approved and in its window, one that is neither, and one that moved.
fn answer(heard: &Heard) -> (u16, String, String) {
    let issue = |key: &str, start: &str, approvers: Value| {
        json!({"key": key, "fields": {"summary": format!("about {key}"),
            "status": {"name": "Implementing"}, "issuetype": {"name": "Change"},
            "customfield_1": start, "customfield_2": approvers}})
    };
    let all = [
        ("OPS-1", issue("OPS-1", "2026-11-24T11:00:00.000+0000", json!([{"displayName": "Ada"}]))),
        ("OPS-2", issue("OPS-2", "2026-11-24T13:00:00.000+0000", Value::Null)),
        ("OPS-3", issue("NET-3", "2026-11-24T11:00:00.000+0000", json!([{"displayName": "Sol"}]))),
    ];
    match heard.line.as_str() {
        "GET /rest/api/3/field" => loopback::json(&json!([
            {"id": "customfield_1", "name": "Change start date"},
            {"id": "customfield_2", "name": "Approvers"}])),
        "GET /rest/api/3/myself" => loopback::json(&json!({"displayName": "me"})),
        _ => {
            let named = all.iter().filter(|(key, _)| {
                heard.body.contains(&format!("{key}\\\""))
                    || heard.body.contains(&format!("\"{key}\""))
            });
            let issues: Vec<&Value> = named.map(|(_, issue)| issue).collect();
            loopback::json(&json!({"issues": issues, "isLast": true}))
        }
    }
}

async fn join(tickets: &mut Tickets, changes: &mut [ChangeRecord]) {
    let mut changes: Vec<&mut ChangeRecord> = changes.iter_mut().collect();
    tickets.join(&mut changes).await;
}

#[tokio::test]
async fn tickets_are_filled_in_once_and_raise_what_follows_from_them() {
    let server = Server::start(answer).await;
    let mut tickets = tickets(&server, &[]);
    let mut changes = [change(Source::Terraform, &["OPS-1"]), change(Source::Ecs, &["OPS-2"])];
    join(&mut tickets, &mut changes).await;
    let ticket = &changes[0].tickets[0];
    assert_eq!(ticket.summary.as_deref(), Some("about OPS-1"));
    assert_eq!(ticket.link.as_deref(), Some(format!("{}/browse/OPS-1", server.url).as_str()));
    assert_eq!(changes[0].flags, [Flag::Destroys, Flag::AutoApply]);
    let raised = [Flag::Destroys, Flag::TicketNotApproved, Flag::OutsideWindow, Flag::AutoApply];
    assert_eq!(changes[1].flags, raised);
    let mut again = [change(Source::Terraform, &["OPS-2", "OPS-1"])];
    join(&mut tickets, &mut again).await;
    assert_eq!(again[0].flags, [Flag::Destroys, Flag::AutoApply], "one good ticket is enough");
    assert_eq!(server.lines(), ["GET /rest/api/3/field", "POST /rest/api/3/issue/bulkfetch"]);
    let read = tickets.read(NOON).unwrap();
    assert_eq!(read.ended, Ended::Complete { until: NOON });
}

#[tokio::test]
async fn what_jira_does_not_know_was_no_ticket_unless_its_project_is_listed() {
    let server = Server::start(answer).await;
    let mut changes = [change(Source::Terraform, &["FOO-8"]), change(Source::Ecs, &["FOO-8"])];
    join(&mut tickets(&server, &[]), &mut changes).await;
    assert!(changes.iter().all(|change| change.tickets.is_empty()));
    assert_eq!(changes[0].flags, [Flag::Destroys, Flag::Ticketless, Flag::AutoApply]);
    assert_eq!(changes[1].flags, [Flag::Destroys, Flag::AutoApply]);
    let mut listed = [change(Source::Terraform, &["FOO-8"])];
    join(&mut tickets(&server, &["FOO"]), &mut listed).await;
    assert_eq!(listed[0], change(Source::Terraform, &["FOO-8"]));
}

#[tokio::test]
async fn a_ticket_that_moved_is_one_ticket_under_both_keys() {
    let server = Server::start(answer).await;
    let mut changes = [change(Source::Terraform, &["OPS-3"])];
    join(&mut tickets(&server, &["OPS"]), &mut changes).await;
    assert_eq!(changes[0].tickets[0].key, "NET-3");
    assert_eq!(changes[0].flags, [Flag::Destroys, Flag::AutoApply]);
}

#[tokio::test]
async fn no_flag_is_raised_out_of_ignorance() {
    for wrong in [
        refusal(403),
        refusal(401),
        (200, "Content-Type: text/html\r\n".to_owned(), "<html>Log in</html>".to_owned()),
        (429, "Retry-After: 7200\r\n".to_owned(), String::new()),
    ] {
        let answers = wrong.clone();
        let server = Server::start(move |_| answers.clone()).await;
        let mut tickets = tickets(&server, &[]);
        let mut changes = [change(Source::Terraform, &["FOO-8"])];
        join(&mut tickets, &mut changes).await;
        assert_eq!(changes[0], change(Source::Terraform, &["FOO-8"]), "{wrong:?}");
        let ended = tickets.read(NOON).unwrap().ended;
        let Ended::Failed { why } = ended else { panic!("{ended:?}") };
        assert!(why.starts_with("tickets: "), "{why}");
    }
}

#[tokio::test]
async fn a_login_that_is_not_known_sees_nothing_and_is_asked_no_more() {
    let server = Server::start(|heard| match heard.line.as_str() {
        "GET /rest/api/3/myself" => refusal(401),
        _ => answer(heard),
    })
    .await;
    let mut tickets = tickets(&server, &[]);
    let mut changes = [change(Source::Terraform, &["FOO-8"])];
    join(&mut tickets, &mut changes).await;
    assert_eq!(changes[0], change(Source::Terraform, &["FOO-8"]));
    let calls = server.lines().len();
    join(&mut tickets, &mut [change(Source::Ecs, &["OPS-1"])]).await;
    assert_eq!(server.lines().len(), calls);
    let Ended::Failed { why } = tickets.read(NOON).unwrap().ended else { panic!() };
    assert_eq!(why, "tickets: the token is not accepted (HTTP 401)");
}

#[tokio::test]
async fn who_names_no_ticket_asks_nothing() {
    let server = Server::start(answer).await;
    let mut tickets = tickets(&server, &[]);
    join(&mut tickets, &mut [change(Source::Terraform, &[])]).await;
    assert_eq!((server.lines().len(), tickets.read(NOON)), (0, None));
}
