//! How wide the columns of a table are, and which give way where there is no room for all. Pure.

/// What a column does where there is no room for the whole table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// It keeps its width.
    Whole,
    /// Its cells may end in `…`.
    Cut {
        /// Columns of the terminal that it keeps.
        least: usize,
    },
    /// It is left out before anything is cut: the highest number first, and of equals the last.
    Yields(u8),
    /// It is cut, and left out where that does not help.
    CutThenYields {
        /// Columns of the terminal below which it is left out.
        least: usize,
        /// The highest number goes first, and of equals the last.
        order: u8,
    },
}

/// Columns of the terminal between two columns of a table.
pub(crate) const GAP: usize = 2;

/// A column on its way to a width.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// Which column of the table it is.
    pub(crate) place: usize,
    /// Its width, in columns of the terminal.
    pub(crate) width: usize,
    /// How it gives way.
    pub(crate) room: Room,
}

impl Span {
    fn least(&self) -> usize {
        match self.room {
            Room::Whole | Room::Yields(_) => self.width,
            Room::Cut { least } | Room::CutThenYields { least, .. } => {
                least.clamp(1, self.width.max(1))
            }
        }
    }
}

/// What becomes of columns, given as wide as they would like to be, on a terminal so many columns
/// wide. Where all have given way as far as they can, the result may still be too wide.
pub(crate) fn fit(mut spans: Vec<Span>, width: usize) -> Vec<Span> {
    let yields = |room| match room {
        Room::Yields(order) => Some(order),
        _ => None,
    };
    let yields_at_last = |room| match room {
        Room::CutThenYields { order, .. } => Some(order),
        _ => None,
    };
    leave_out(&mut spans, width, yields, |span| span.width);
    leave_out(&mut spans, width, yields_at_last, Span::least);
    cut(&mut spans, width);
    spans
}

/// Leaves out one column after the other until the rest fits. One stays in any case.
fn leave_out(
    spans: &mut Vec<Span>,
    width: usize,
    order: impl Fn(Room) -> Option<u8>,
    needs: impl Fn(&Span) -> usize,
) {
    while spans.len() > 1 && total(spans.iter().map(&needs)) > width {
        let ordered = spans.iter().enumerate();
        let ordered = ordered.filter_map(|(at, span)| Some((order(span.room)?, at)));
        let Some((_, next)) = ordered.max() else { return };
        spans.remove(next);
    }
}

/// Takes from the widest column, again and again, until all fit.
fn cut(spans: &mut [Span], width: usize) {
    let leasts: Vec<usize> = spans.iter().map(Span::least).collect();
    for (span, least) in spans.iter_mut().zip(&leasts) {
        // More than the whole terminal no column can keep; so the steps below are few.
        if *least < span.width {
            span.width = span.width.min(width.max(*least));
        }
    }
    let mut over = total(spans.iter().map(|span| span.width)).saturating_sub(width);
    while over > 0 {
        let yielding = spans.iter_mut().zip(&leasts).filter(|(span, least)| span.width > **least);
        let Some((widest, _)) = yielding.max_by_key(|(span, _)| span.width) else { return };
        widest.width -= 1;
        over -= 1;
    }
}

fn total(widths: impl ExactSizeIterator<Item = usize>) -> usize {
    let gaps = GAP * widths.len().saturating_sub(1);
    widths.sum::<usize>() + gaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Which columns are shown, and how wide.
    fn fitted(columns: &[(usize, Room)], width: usize) -> Vec<(usize, usize)> {
        let spans = columns.iter().enumerate();
        let spans = spans.map(|(place, (width, room))| Span { place, width: *width, room: *room });
        fit(spans.collect(), width).iter().map(|span| (span.place, span.width)).collect()
    }

    #[test]
    fn columns_that_fit_are_left_alone() {
        let columns = [(10, Room::Yields(9)), (10, Room::Cut { least: 3 })];
        assert_eq!(fitted(&columns, 22), [(0, 10), (1, 10)]);
    }

    #[test]
    fn columns_that_yield_go_in_order_and_no_more_than_must() {
        let columns = [
            (10, Room::Whole),
            (10, Room::Yields(1)),
            (10, Room::Yields(3)),
            (10, Room::Yields(2)),
            (10, Room::Yields(2)),
        ];
        assert_eq!(fitted(&columns, 46), [(0, 10), (1, 10), (3, 10), (4, 10)]);
        assert_eq!(fitted(&columns, 45), [(0, 10), (1, 10), (3, 10)]);
        assert_eq!(fitted(&columns, 22), [(0, 10), (1, 10)]);
        assert_eq!(fitted(&columns, 21), [(0, 10)]);
    }

    #[test]
    fn the_widest_is_cut_first_and_none_below_its_least() {
        let columns =
            [(30, Room::Cut { least: 5 }), (20, Room::Cut { least: 15 }), (8, Room::Whole)];
        assert_eq!(fitted(&columns, 52), [(0, 20), (1, 20), (2, 8)]);
        assert_eq!(fitted(&columns, 46), [(0, 17), (1, 17), (2, 8)]);
        assert_eq!(fitted(&columns, 40), [(0, 13), (1, 15), (2, 8)]);
        assert_eq!(fitted(&columns, 10), [(0, 5), (1, 15), (2, 8)]);
    }

    #[test]
    fn a_column_that_is_cut_and_yields_leaves_its_room_to_the_others() {
        let columns = [
            (20, Room::Cut { least: 10 }),
            (20, Room::CutThenYields { least: 10, order: 1 }),
            (20, Room::CutThenYields { least: 10, order: 2 }),
        ];
        assert_eq!(fitted(&columns, 34), [(0, 10), (1, 10), (2, 10)]);
        assert_eq!(fitted(&columns, 33), [(0, 16), (1, 15)]);
        assert_eq!(fitted(&columns, 21), [(0, 20)]);
    }

    #[test]
    fn the_last_column_stays() {
        assert_eq!(fitted(&[(9, Room::Yields(2)), (9, Room::Yields(1))], 5), [(1, 9)]);
    }

    #[test]
    fn a_column_of_a_megabyte_is_cut_at_once() {
        let columns = [(usize::MAX / 4, Room::Cut { least: 5 }), (8, Room::Whole)];
        assert_eq!(fitted(&columns, 80), [(0, 70), (1, 8)]);
    }

    fn room() -> impl Strategy<Value = Room> {
        prop_oneof![
            Just(Room::Whole),
            (0..20usize).prop_map(|least| Room::Cut { least }),
            (0..4u8).prop_map(Room::Yields),
            (0..20usize, 0..4u8).prop_map(|(least, order)| Room::CutThenYields { least, order }),
        ]
    }

    proptest! {
        #[test]
        fn room_is_neither_overdrawn_nor_wasted(
            columns in proptest::collection::vec((1..60usize, room()), 1..10),
            width in 1..250usize,
        ) {
            let fitted = fitted(&columns, width);
            let shown = total(fitted.iter().map(|(_, width)| *width));
            let least = |(place, width): &(usize, usize)| {
                let (wanted, room) = columns[*place];
                prop_assert!(*width <= wanted);
                let least = Span { place: *place, width: wanted, room }.least();
                prop_assert!(*width >= least);
                Ok((*width == least, *width == wanted))
            };
            let states = fitted.iter().map(least).collect::<Result<Vec<_>, _>>()?;
            // Too wide is only what can give way no further.
            prop_assert!(shown <= width || states.iter().all(|(least, _)| *least));
            // Cut is only what fills the terminal.
            prop_assert!(shown >= width || states.iter().all(|(_, whole)| *whole));
            // What keeps its place is there.
            let stays = |room| matches!(room, Room::Whole | Room::Cut { .. });
            for (place, (_, room)) in columns.iter().enumerate() {
                let is_shown = fitted.iter().any(|(shown, _)| *shown == place);
                prop_assert!(is_shown || !stays(*room));
            }
        }
    }
}
