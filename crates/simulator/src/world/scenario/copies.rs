//! `copies`: one service of the file, many of the world.

use toml::Spanned;

use super::check::{Checked, mistake};
use super::file::Service;

/// What stands for a copy's number in its images, family, log groups, stream prefixes and target group.
const NUMBER: &str = "${copy}";

/// No account has more services in a cluster.
const MOST: u32 = 5_000;

/// One service that comes of a table of the file.
pub(super) struct Copy {
    pub(super) service: Service,
    /// `001`; nothing for a service that has no copies.
    number: Option<String>,
}

impl Copy {
    /// Puts the copy's number into texts that ask for it.
    pub(super) fn fill<'a>(&self, texts: impl IntoIterator<Item = &'a mut String>) {
        if let Some(number) = &self.number {
            fill(number, texts);
        }
    }
}

/// The services that a table stands for: itself, or `NAME-001`, `NAME-002` and so on.
pub(super) fn of(service: &Service) -> Checked<Vec<Copy>> {
    let Some(copies) = &service.copies else {
        return Ok(vec![Copy { service: service.clone(), number: None }]);
    };
    let (span, copies) = (copies.span(), *copies.get_ref());
    if !(1..=MOST).contains(&copies) {
        return mistake(span, format!("there are between 1 and {MOST} copies"));
    }
    // As many digits as the last one needs, so that the order of names is that of numbers.
    let width = copies.to_string().len().max(3);
    Ok((1..=copies).map(|nth| copy(service.clone(), format!("{nth:0width$}"))).collect())
}

fn copy(mut service: Service, number: String) -> Copy {
    let name = format!("{}-{number}", service.name.get_ref());
    service.name = Spanned::new(service.name.span(), name);
    fill(&number, &mut service.family);
    fill(&number, service.load_balancer.iter_mut().map(|it| &mut it.get_mut().target_group));
    for container in &mut service.containers {
        fill(&number, [&mut container.image]);
        if let Some(log) = &mut container.log {
            let log = log.get_mut();
            fill(&number, log.group.iter_mut().chain(&mut log.stream_prefix));
        }
    }
    Copy { service, number: Some(number) }
}

fn fill<'a>(number: &str, texts: impl IntoIterator<Item = &'a mut String>) {
    for text in texts {
        if text.contains(NUMBER) {
            *text = text.replace(NUMBER, number);
        }
    }
}
