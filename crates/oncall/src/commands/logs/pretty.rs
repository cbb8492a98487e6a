//! A JSON value over several lines, for `--expand`. It works on the text, so the order of keys, the
//! spelling of numbers and keys that come twice stay as they are.

use output::Role;

/// Lines stand in by this much a level, and no more than so often: a log line can nest a hundred
/// deep.
const STEP: &str = "  ";
const DEEPEST: usize = 20;

/// Hands out the pieces of a JSON text, indented. Anything may be given; only JSON comes out well.
pub(crate) fn pretty(json: &str, mut piece: impl FnMut(Role, &str)) {
    let json = json.trim_ascii();
    let mut depth = 0_usize;
    let mut rest = json;
    while let Some(first) = rest.bytes().next() {
        let end = token_end(rest, first);
        let (token, after) = rest.split_at(end);
        let after = after.trim_ascii_start();
        match first {
            b'{' | b'[' if after.starts_with(['}', ']']) => piece(Role::Plain, token),
            b'{' | b'[' => {
                depth += 1;
                piece(Role::Plain, &format!("{token}{}", line_break(depth)));
            }
            b'}' | b']' => {
                // An empty one is closed where it was opened.
                if json[..json.len() - rest.len()].trim_ascii_end().ends_with(['{', '[']) {
                    piece(Role::Plain, token);
                } else {
                    depth = depth.saturating_sub(1);
                    piece(Role::Plain, &format!("{}{token}", line_break(depth)));
                }
            }
            b',' => piece(Role::Plain, &format!(",{}", line_break(depth))),
            b':' => piece(Role::Plain, ": "),
            b'"' if after.starts_with(':') => piece(Role::Key, token),
            _ => piece(Role::Plain, token),
        }
        rest = after;
    }
}

fn line_break(depth: usize) -> String {
    format!("\n{}", STEP.repeat(depth.min(DEEPEST)))
}

/// Where the token ends that stands first. Every token begins and ends with ASCII.
fn token_end(text: &str, first: u8) -> usize {
    let bytes = text.as_bytes();
    match first {
        b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
        b'"' => {
            let mut escaped = false;
            let closing = bytes.iter().skip(1).position(|byte| {
                let closes = *byte == b'"' && !escaped;
                escaped = *byte == b'\\' && !escaped;
                closes
            });
            closing.map_or(text.len(), |at| at + 2)
        }
        _ => {
            let ends = |c: char| matches!(c, ',' | ':' | '{' | '}' | '[' | ']' | '"') || c <= ' ';
            text.find(ends).unwrap_or(text.len()).max(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drawn(json: &str) -> String {
        let mut out = String::new();
        pretty(json, |_, text| out.push_str(text));
        out
    }

    #[test]
    fn numbers_keys_and_their_order_stay_as_they_are() {
        insta::assert_snapshot!(
            drawn(r#"{"z":1.50,"a":[1e3,{}, [ ]],"z":{"deep":"{\"not\": [this]}"},"n":null}"#),
            @r#"
        {
          "z": 1.50,
          "a": [
            1e3,
            {},
            []
          ],
          "z": {
            "deep": "{\"not\": [this]}"
          },
          "n": null
        }
        "#
        );
    }

    #[test]
    fn keys_are_told_from_values() {
        let mut keys = Vec::new();
        pretty(r#"{"a":"b","c" : ["d"]}"#, |role, text| {
            if role == Role::Key {
                keys.push(text.to_owned());
            }
        });
        assert_eq!(keys, ["\"a\"", "\"c\""]);
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                proptest::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_looks_as_others_print_it(value in json()) {
            let expected = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(drawn(&value.to_string()), expected);
        }

        #[test]
        fn anything_may_be_given(text in "[{}\\[\\],:\"\\\\ae1é \n]{0,40}") {
            let whole = |text: &str| text.replace(|c: char| c.is_ascii_whitespace(), "");
            prop_assert_eq!(whole(&drawn(&text)), whole(&text));
        }
    }
}
