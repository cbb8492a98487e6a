//! Addresses of resources, as Terraform writes them: `module.web["eu"].data.aws_ami.host[0]`.
//!
//! <https://developer.hashicorp.com/terraform/cli/state/resource-addressing>

use serde_json::Value;

/// An address taken to its parts. The order is that of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) text: String,
    /// With its `module.`, if it is in one.
    pub(crate) module: Option<String>,
    pub(crate) is_data: bool,
    /// The resource's type: `aws_ecs_service`.
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) index: Option<Value>,
}

impl Address {
    /// Reads an address; `None` when it is none.
    pub(crate) fn parse(text: &str) -> Option<Address> {
        let parts = parts(text)?;
        let mut rest = &parts[..];
        let mut module: Vec<&str> = Vec::new();
        while let ["module", name, tail @ ..] = rest {
            split(name)?;
            module.extend(["module", name]);
            rest = tail;
        }
        let is_data = matches!(rest, ["data", ..]);
        let (kind, name) = match rest {
            ["data", kind, name] | [kind, name] => (*kind, *name),
            _ => return None,
        };
        let (name, index) = split(name)?;
        if !is_identifier(kind) {
            return None;
        }
        Some(Address {
            text: text.to_owned(),
            module: (!module.is_empty()).then(|| module.join(".")),
            is_data,
            kind: kind.to_owned(),
            name: name.to_owned(),
            index,
        })
    }

    /// The provider that has the type, as state and plan name it: the type's first word.
    pub(crate) fn provider(&self) -> String {
        let name = self.kind.split('_').next().unwrap_or_default();
        match name {
            // The one that is built in.
            "terraform" => "terraform.io/builtin/terraform".to_owned(),
            name => format!("registry.terraform.io/hashicorp/{name}"),
        }
    }
}

/// The parts between the dots that are in no bracket.
fn parts(text: &str) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let (mut from, mut in_brackets, mut in_quotes, mut escaped) = (0, false, false, false);
    for (place, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' if in_brackets => in_quotes = !in_quotes,
            '[' if !in_quotes => in_brackets = true,
            ']' if !in_quotes => in_brackets = false,
            '.' if !in_brackets => {
                parts.push(&text[from..place]);
                from = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    (!in_brackets).then_some(parts)
}

/// A name, and the index behind it.
fn split(part: &str) -> Option<(&str, Option<Value>)> {
    let (name, index) = match part.split_once('[') {
        None => (part, None),
        Some((name, index)) => {
            let index: Value = serde_json::from_str(index.strip_suffix(']')?).ok()?;
            if !index.is_string() && !index.is_u64() {
                return None;
            }
            (name, Some(index))
        }
    };
    is_identifier(name).then_some((name, index))
}

fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|other| other.is_alphanumeric() || matches!(other, '_' | '-'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_is_taken_to_its_parts() {
        let plain = Address::parse("aws_ecs_service.api").unwrap();
        assert_eq!((plain.kind.as_str(), plain.name.as_str()), ("aws_ecs_service", "api"));
        assert_eq!((plain.module, plain.index, plain.is_data), (None, None, false));
        let deep =
            Address::parse(r#"module.web["a.b]"].module.x.data.aws_ami.host["k\"y"]"#).unwrap();
        assert_eq!(deep.module.as_deref(), Some(r#"module.web["a.b]"].module.x"#));
        assert_eq!((deep.index, deep.is_data), (Some(json!("k\"y")), true));
        assert_eq!(Address::parse("a_b.c[3]").unwrap().index, Some(json!(3)));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "api",
            "a.b.c",
            "module.x",
            "aws_x.y[",
            "aws_x.y[1.5]",
            "aws_x.y[-1]",
            "a b.c",
            "module.x.y",
        ] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_type_says_its_provider() {
        let of = |text: &str| Address::parse(text).unwrap().provider();
        assert_eq!(of("aws_ecs_service.api"), "registry.terraform.io/hashicorp/aws");
        assert_eq!(of("terraform_data.x"), "terraform.io/builtin/terraform");
    }
}
