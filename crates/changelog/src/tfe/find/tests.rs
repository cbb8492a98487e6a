use http::{Address, Secret};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::loopback::{self, Server, client};
use crate::moment::moment;
use crate::tfe::{Access, TokenSource};

fn at(text: &str) -> Time {
    moment(&format!("2026-11-24T{text}:00Z")).unwrap()
}

#[tokio::test]
async fn versions_of_a_state_come_with_the_one_before_the_window() {
    let version = |serial: u64, created: &str, status: &str| {
        json!({"id": format!("sv-{serial}"), "attributes": {"serial": serial, "status": status,
            "created-at": at(created).to_string()}})
    };
    let list = json!({"data": [version(9, "12:00", "finalized"), version(8, "11:50", "pending"),
        version(7, "11:00", "finalized"), version(6, "09:00", "finalized"),
        version(5, "08:00", "finalized")], "meta": {"pagination": {"next-page": 2}}});
    let server = Server::start(move |_| loopback::json(&list)).await;
    let address = Address::parse(&server.url).unwrap();
    let access = Access { address, token: Secret::new("t"), source: TokenSource::Said };
    let tfe = Tfe::new(client(), access, "acme");
    let window = Window { since: at("10:00"), until: at("12:00") };
    let versions = tfe.versions_within("laptop", window, 3).await.unwrap();
    let serials: Vec<_> = versions.within.iter().map(|version| version.serial).collect();
    assert_eq!(serials, [Some(7)]);
    assert_eq!(versions.before.unwrap().serial, Some(6));
    assert_eq!((versions.coverage, server.lines().len()), (Coverage::Whole, 1));
}

#[test]
fn a_star_is_any_text_in_the_name_of_a_workspace() {
    assert!(fits("prod-*", "prod-api") && fits("*", "") && fits("*-api-*", "prod-api-eu"));
    assert!(!fits("prod-*", "staging-prod-api") && !fits("prod", "prod-api") && !fits("", "a"));
}

proptest! {
    #[test]
    fn a_name_fits_itself_and_every_pattern_that_leaves_a_part_of_it_open(
        start in "[ab]{0,4}", middle in "[ab]{0,4}", end in "[ab]{0,4}",
    ) {
        let name = format!("{start}{middle}{end}");
        prop_assert!(fits(&name, &name));
        let open = format!("{start}*{end}");
        prop_assert!(fits(&open, &name));
    }
}
