//! Pages: `page[number]` from 1, and `page[size]`, which is 20 unless it is said and never more than 100.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::{Answered, Asked, json_api};
use crate::protocols::address::encoded;

const LARGEST: usize = 100;

/// One page of a list.
pub(super) struct Page {
    number: usize,
    size: usize,
}

/// Whether a list says how long it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Totals {
    Told,
    /// Runs of an organisation are never counted.
    Untold,
}

impl Asked<'_> {
    /// The page that is asked for.
    pub(super) fn page(&self) -> Page {
        let number = |name| self.address.get(name).and_then(|text| text.parse::<usize>().ok());
        Page {
            number: number("page[number]").unwrap_or(1).max(1),
            size: number("page[size]").filter(|size| *size > 0).unwrap_or(20).min(LARGEST),
        }
    }

    /// An answer with the items that are on the page; `show` makes what is told of one, and what comes along with all.
    pub(super) fn listed(
        &self,
        items: &[usize],
        totals: Totals,
        show: impl Fn(usize) -> Value,
        along: impl Fn(&[usize]) -> Option<Vec<Value>>,
    ) -> Answered {
        let Page { number, size } = self.page();
        let from = (number - 1).saturating_mul(size).min(items.len());
        let to = from.saturating_add(size).min(items.len());
        let shown = &items[from..to];
        let pages = items.len().div_ceil(size).max(1);
        let next = (to < items.len()).then_some(number + 1);
        let previous = (number > 1).then(|| number - 1);
        let mut pagination = json!({
            "current-page": number, "page-size": size, "next-page": next, "prev-page": previous,
        });
        let mut links = json!({
            "self": self.link(number, size),
            "next": next.map(|next| self.link(next, size)),
            "prev": previous.map(|previous| self.link(previous, size)),
        });
        if totals == Totals::Told {
            pagination["total-count"] = Value::from(items.len());
            pagination["total-pages"] = Value::from(pages);
            links["first"] = Value::from(self.link(1, size));
            links["last"] = Value::from(self.link(pages, size));
        }
        let mut answer = json!({
            "data": shown.iter().map(|item| show(*item)).collect::<Vec<_>>(),
            "links": links,
            "meta": { "pagination": pagination },
        });
        if let Some(along) = along(shown) {
            answer["included"] = Value::from(along);
        }
        Ok(json_api(StatusCode::OK, &answer))
    }

    fn link(&self, number: usize, size: usize) -> String {
        let path: Vec<String> = self.address.path.iter().map(|part| encoded(part, "")).collect();
        format!(
            "http://{}/{}?page%5Bnumber%5D={number}&page%5Bsize%5D={size}",
            self.host,
            path.join("/")
        )
    }
}
