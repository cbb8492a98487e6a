//! Which targets, where none is named: the configuration's, else a person's choice.

use logs::Candidates;
use record::Time;

use crate::context::{Context, Stops};
use crate::failure::Failure;

/// The targets to read, as they are typed.
pub(crate) async fn targets(
    typed: &[String],
    context: &Context,
    stops: &mut Stops,
) -> Result<Vec<String>, Failure> {
    if !typed.is_empty() {
        return Ok(typed.to_vec());
    }
    if let Some(target) = &context.config().default_target {
        return Ok(vec![target.clone()]);
    }
    if !context.may_ask() {
        return Err(stops.or(Box::pin(no_target(context))).await?);
    }
    let found = stops.or(Box::pin(candidates(context))).await??;
    let targets = found.targets();
    if targets.is_empty() {
        return Err(Failure::usage("there is no service and no log group to choose from", None));
    }
    let prompt = "Whose logs? (type a part of the name)";
    match stops.or(output::choose(context.settings(), prompt, &targets)).await? {
        Some(choice) => {
            context.say_line(&targets[choice]);
            Ok(vec![targets[choice].clone()])
        }
        None => Err(Failure::Interrupted),
    }
}

/// What there is: at once where it is known from last time, and then asked for behind, for the next.
async fn candidates(context: &Context) -> Result<Candidates, Failure> {
    let looking = context.progress(|| "looking for services and log groups".to_owned());
    let doors = context.doors(&[]).await?;
    let observed = Time::from(context.now().timestamp());
    let found = match Candidates::known(&doors, context.store()).await {
        Some(known) => {
            let (doors, store) = (doors.clone(), context.store().cloned());
            tokio::spawn(async move { Candidates::find(&doors, store.as_ref(), observed).await });
            known
        }
        None => Candidates::find(&doors, context.store(), observed).await?,
    };
    drop(looking);
    context.say_where(&doors).await;
    Ok(found)
}

/// Nobody can be asked: what there is is said instead.
async fn no_target(context: &Context) -> Failure {
    const SHOWN: usize = 20;
    let hint = "`oncall logs api` reads a service, `oncall logs groups` lists what there is";
    let failure = Failure::usage("no target is named", Some(hint.to_owned()));
    match candidates(context).await {
        Ok(found) => {
            let mut choices = found.targets();
            let more = choices.len().saturating_sub(SHOWN);
            choices.truncate(SHOWN);
            if more > 0 {
                choices.push(format!("and {more} more"));
            }
            failure.with_choices(choices)
        }
        Err(problem) => failure.with_cause("what there is could not be listed", problem),
    }
}
