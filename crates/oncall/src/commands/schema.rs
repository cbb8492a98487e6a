//! `oncall schema`: what the records of a kind have.

use clap::Args;
use record::KINDS;

use crate::exit::Exit;
use crate::failure::Failure;

/// Print the JSON Schema of a kind of record; without one, list the kinds
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// The kind, as `kind` has it in every record
    kind: Option<String>,
}

pub(crate) fn run(command: Schema) -> Result<Exit, Failure> {
    let Some(name) = command.kind else {
        let names = KINDS.map(|kind| format!("{}\n", kind.name));
        output::print_to_stdout(&names.concat());
        return Ok(Exit::Done);
    };
    let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else {
        let near = spelling::nearest(&name, KINDS.map(|kind| kind.name));
        let hint = match near {
            Some(near) => format!("did you mean `{near}`? `oncall schema` lists the kinds"),
            None => "`oncall schema` lists the kinds".to_owned(),
        };
        return Err(Failure::usage(format!("there is no kind of record `{name}`"), Some(hint)));
    };
    output::print_to_stdout(kind.schema);
    Ok(Exit::Done)
}
