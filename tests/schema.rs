//! `oncall schema`: what the records of a kind have.

use insta::assert_snapshot;

use crate::support::Machine;

#[test]
fn the_kinds_are_listed() {
    assert_snapshot!(Machine::new().types("oncall schema").well(), @"
    log
    task_stopped
    log_group
    log_stream
    count
    service
    task
    difference
    service_change
    service_page
    change
    changelog_summary
    summary
    endpoint
    drill
    page
    hint
    answer
    ");
}

#[test]
fn a_kind_has_a_schema() {
    assert_snapshot!(Machine::new().types("oncall schema count").well(), @r#"
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "count",
      "description": "How many events matched.",
      "type": "object",
      "properties": {
        "time": {
          "description": "When it was counted.",
          "type": "string",
          "format": "date-time",
          "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"
        },
        "kind": {
          "description": "The kind of record.",
          "const": "count"
        },
        "count": {
          "description": "Events.",
          "type": "integer",
          "minimum": 0
        }
      },
      "required": [
        "time",
        "kind",
        "count"
      ],
      "additionalProperties": false
    }
    "#);
}

#[test]
fn a_kind_that_does_not_exist_has_a_nearest() {
    assert_snapshot!(Machine::new().types("oncall schema log_groups"), @"
    ------- stderr -------
    error: there is no kind of record `log_groups`
    hint: did you mean `log_group`? `oncall schema` lists the kinds
    [exit 2]
    ");
}
