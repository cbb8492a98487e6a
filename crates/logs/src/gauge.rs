//! How far a reading is, for whoever watches it from outside.

use std::sync::{Arc, Mutex, PoisonError};

use record::Time;

/// How far a reading is. It can be looked at while the reading goes on.
#[derive(Clone, Debug, Default)]
pub struct Gauge(Arc<Mutex<Inside>>);

/// What a [`Gauge`] shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Events that are wanted.
    pub records: u64,
    /// Pages that were read.
    pub pages: u64,
    /// Everything before this was looked at; `None` where that says nothing.
    pub time: Option<Time>,
}

#[derive(Debug, Default)]
struct Inside {
    records: u64,
    pages: u64,
    /// How far each source is.
    sources: Vec<i64>,
}

impl Gauge {
    /// What it shows now.
    pub fn reached(&self) -> Reached {
        let Inside { records, pages, ref sources } = *self.lock();
        let slowest = sources.iter().copied().min();
        let time = slowest.filter(|millis| *millis < i64::MAX).map(Time::from_millis);
        Reached { records, pages, time }
    }

    /// A window begins, with so many sources.
    pub(crate) fn begin(&self, sources: usize, start: i64) {
        self.lock().sources = vec![start; sources];
    }

    /// A source has a page more, and everything before `reached`.
    pub(crate) fn page(&self, source: usize, records: usize, reached: i64) {
        let mut inside = self.lock();
        inside.pages += 1;
        inside.records += records as u64;
        inside.reach(source, reached);
    }

    /// A source has no more.
    pub(crate) fn end(&self, source: usize) {
        self.lock().reach(source, i64::MAX);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn reach(&mut self, source: usize, reached: i64) {
        if let Some(known) = self.sources.get_mut(source) {
            *known = reached.max(*known);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_source_says_how_far_a_reading_is() {
        let gauge = Gauge::default();
        gauge.begin(2, 1_000);
        gauge.page(0, 7, 5_000);
        let time = Some(Time::from_millis(1_000));
        assert_eq!(gauge.reached(), Reached { records: 7, pages: 1, time });
        gauge.end(1);
        assert_eq!(gauge.reached().time, Some(Time::from_millis(5_000)));
        gauge.end(0);
        assert_eq!(gauge.reached().time, None);
    }
}
