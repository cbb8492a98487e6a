//! Tables for people: aligned, one line a row, no wider than the terminal. Pure.

use std::borrow::Cow;

use record::untrusted;

use crate::layout::{self, GAP, Room, Span};
use crate::line::{Role, paint};
use crate::wrap;

/// A table. All its rows share one layout, whatever headings stand between them.
///
/// A column of which every cell is empty is left out with its heading: a list of nothing has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<H = &'static str> {
    /// The columns, from left to right.
    pub columns: Vec<Column<H>>,
    /// The rows, from top to bottom. Each is one line, but for long notes.
    pub rows: Vec<Row>,
}

/// A column of a table. Its heading is a text that is known beforehand, or a `String`, where it says
/// such a thing as the offset of the times below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column<H = &'static str> {
    /// What stands above it.
    pub heading: H,
    /// On which side its cells are even.
    pub align: Align,
    /// What it does where there is no room for the whole table.
    pub room: Room,
}

/// On which side the cells of a column are even.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Texts.
    Left,
    /// Numbers.
    Right,
}

/// A line of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// The name of the group that the rows below belong to.
    Heading(String),
    /// One cell for each column; those that are missing at the end are empty.
    Cells(Vec<Cell>),
    /// What there is to say about the row above. It goes on below where it is too long; a
    /// link stays whole.
    Note(Role, String),
}

/// What stands in one column of one row. Text is made harmless as it is put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    text: String,
    role: Role,
}

impl Cell {
    /// A text, perhaps from outside, with a role that a colour may show.
    pub fn new(role: Role, text: impl AsRef<str>) -> Self {
        Self { text: harmless(text.as_ref()).into_owned(), role }
    }

    /// A text that is read.
    pub fn plain(text: impl AsRef<str>) -> Self {
        Self::new(Role::Plain, text)
    }

    /// Nothing.
    pub fn empty() -> Self {
        Self { text: String::new(), role: Role::Plain }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::plain(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

/// A table as a terminal of so many columns shows it; without a width, as long as it is.
pub fn drawn_table<H: AsRef<str>>(table: &Table<H>, width: Option<usize>, colored: bool) -> String {
    let mut out = Vec::new();
    draw(table, width, colored, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// How far a note stands in from the row that it belongs to.
const INDENT: &str = "  ";
/// The same of what it goes on with below.
const DEEPER: &str = "    ";
/// A terminal that is narrower gets the beginning of a note.
const NARROW: usize = 20;

pub(crate) fn draw<H: AsRef<str>>(
    table: &Table<H>,
    width: Option<usize>,
    colored: bool,
    out: &mut Vec<u8>,
) {
    let width = width.unwrap_or(usize::MAX);
    let headings: Vec<Cell> =
        table.columns.iter().map(|column| Cell::new(Role::Dim, &column.heading)).collect();
    let spans = layout::fit(wanted(table, &headings), width);
    let line = |pieces: &[Piece<'_>], out: &mut Vec<u8>| draw_line(pieces, width, colored, out);
    if !spans.is_empty() {
        line(&aligned(&headings, &spans, &table.columns), out);
    }
    for row in &table.rows {
        match row {
            Row::Heading(text) => line(&[(Role::Heading, harmless(text))], out),
            Row::Cells(cells) => line(&aligned(cells, &spans, &table.columns), out),
            Row::Note(role, text) => {
                let text = harmless(text);
                if is_link(&text) {
                    draw_line(
                        &[(Role::Plain, INDENT.into()), (*role, text)],
                        usize::MAX,
                        colored,
                        out,
                    );
                    continue;
                }
                for (number, part) in note_parts(&text, width).enumerate() {
                    let indent = if number == 0 { INDENT } else { DEEPER };
                    let indent = if part.is_empty() { "" } else { indent };
                    line(&[(Role::Plain, indent.into()), (*role, part.into())], out);
                }
            }
        }
    }
}

/// A link is left to the terminal, which breaks it so that it can be copied, and opened.
fn is_link(text: &str) -> bool {
    text.starts_with("https://") && !text.contains(' ')
}

/// A note line by line: it is there to be read, so it goes on below where it is too long.
fn note_parts(text: &str, width: usize) -> impl Iterator<Item = &str> {
    let room = if width < NARROW { usize::MAX } else { width.saturating_sub(DEEPER.len()) };
    wrap::rows(text, room, 0).into_iter().map(|row| text[row.shown].trim_end())
}

/// A part of a line.
type Piece<'t> = (Role, Cow<'t, str>);

/// The columns that have something to show, as wide as that is.
fn wanted<H>(table: &Table<H>, headings: &[Cell]) -> Vec<Span> {
    let mut widths = vec![0; table.columns.len()];
    for row in &table.rows {
        let Row::Cells(cells) = row else { continue };
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = wrap::columns(&cell.text).max(*width);
        }
    }
    let spans = table.columns.iter().zip(widths).zip(headings).enumerate();
    let spans = spans.filter(|(_, ((_, width), _))| *width > 0);
    spans
        .map(|(place, ((column, width), heading))| {
            let width = width.max(wrap::columns(&heading.text));
            Span { place, width, room: column.room }
        })
        .collect()
}

/// The cells that are shown, with what stands between them.
fn aligned<'t, H>(cells: &'t [Cell], spans: &[Span], columns: &[Column<H>]) -> Vec<Piece<'t>> {
    let mut pieces = Vec::new();
    // Spaces are not drawn before something follows them.
    let mut spaces = 0;
    for span in spans {
        let cell = cells.get(span.place);
        let (role, text) = cell.map_or((Role::Plain, "".into()), |cell| {
            (cell.role, shortened(&cell.text, span.width))
        });
        let rest = span.width.saturating_sub(wrap::columns(&text));
        let (before, after) = match columns[span.place].align {
            Align::Left => (0, rest),
            Align::Right => (rest, 0),
        };
        spaces += before;
        if !text.is_empty() {
            pieces.push((Role::Plain, " ".repeat(spaces).into()));
            pieces.push((role, text));
            spaces = 0;
        }
        spaces += after + GAP;
    }
    pieces
}

/// Draws one line, and cuts it where the terminal ends.
fn draw_line(pieces: &[Piece<'_>], width: usize, colored: bool, out: &mut Vec<u8>) {
    let whole: usize = pieces.iter().map(|(_, text)| wrap::columns(text)).sum();
    let mut room = if whole > width { width.saturating_sub(ELLIPSIS_WIDTH) } else { whole };
    for (role, text) in pieces.iter().filter(|(_, text)| !text.is_empty()) {
        let columns = wrap::columns(text);
        if columns > room {
            paint(out, colored, *role, &format!("{}{ELLIPSIS}", wrap::cut(text, room)));
            break;
        }
        paint(out, colored, *role, text);
        room -= columns;
    }
    out.push(b'\n');
}

const ELLIPSIS: char = '…';
const ELLIPSIS_WIDTH: usize = 1;

/// A text, or as much of it as fits into so many columns together with what says that there is more.
fn shortened(text: &str, width: usize) -> Cow<'_, str> {
    if wrap::columns(text) <= width {
        return text.into();
    }
    let kept = wrap::cut(text, width.saturating_sub(ELLIPSIS_WIDTH)).trim_end();
    format!("{kept}{ELLIPSIS}").into()
}

/// Text from outside, on one line, with nothing invisible at its end.
fn harmless(text: &str) -> Cow<'_, str> {
    match untrusted::visible_line(text) {
        Cow::Borrowed(text) => text.trim_end().into(),
        Cow::Owned(text) => text.trim_end().to_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;

    fn column(heading: &'static str, align: Align, room: Room) -> Column {
        Column { heading, align, room }
    }

    fn cells<const N: usize>(texts: [&str; N]) -> Row {
        Row::Cells(texts.map(Cell::from).into())
    }

    fn fleet() -> Table {
        let registry = "000000000000.dkr.ecr.us-east-1.amazonaws.com/ingest/api:v1.22.0";
        Table {
            columns: vec![
                column("SERVICE", Align::Left, Room::Cut { least: 12 }),
                column("CONTAINER", Align::Left, Room::CutThenYields { least: 6, order: 1 }),
                column("IMAGE", Align::Left, Room::Cut { least: 16 }),
                column("RUNNING", Align::Right, Room::Whole),
                column("LAUNCH", Align::Left, Room::Yields(2)),
                column("AGE", Align::Right, Room::Yields(1)),
                column("STOPPED", Align::Left, Room::Whole),
            ],
            rows: vec![
                Row::Heading("prod, us-east-1".to_owned()),
                cells(["api", "api", registry, "12/12", "FARGATE", "3 d", ""]),
                Row::Cells(vec![
                    Cell::plain("ingest-webhooks-of-partners"),
                    Cell::new(Role::Dim, "log-router"),
                    Cell::plain("fluent-bit:2.31"),
                    Cell::new(Role::Bad, "0/4"),
                    Cell::new(Role::Dim, "EC2"),
                ]),
                Row::Note(Role::Bad, "crash-loop: 17 tasks stopped within an hour, the last with exit code 137 (OutOfMemoryError: Container killed due to memory usage)".to_owned()),
                Row::Heading("batch, eu-west-1".to_owned()),
                cells(["nightly", "job", "batch/nightly@sha256:0a1b2c3d4e5f", "1/1", "EC2", "120 d"]),
            ],
        }
    }

    #[test]
    fn at_200_columns_everything_is_there() {
        assert_snapshot!(drawn_table(&fleet(), Some(200), false), @"
        SERVICE                      CONTAINER   IMAGE                                                            RUNNING  LAUNCH     AGE
        prod, us-east-1
        api                          api         000000000000.dkr.ecr.us-east-1.amazonaws.com/ingest/api:v1.22.0    12/12  FARGATE    3 d
        ingest-webhooks-of-partners  log-router  fluent-bit:2.31                                                      0/4  EC2
          crash-loop: 17 tasks stopped within an hour, the last with exit code 137 (OutOfMemoryError: Container killed due to memory usage)
        batch, eu-west-1
        nightly                      job         batch/nightly@sha256:0a1b2c3d4e5f                                    1/1  EC2      120 d
        ");
    }

    #[test]
    fn at_80_columns_what_yields_is_left_out_and_the_widest_is_cut() {
        assert_snapshot!(drawn_table(&fleet(), Some(80), false), @"
        SERVICE                      CONTAINER   IMAGE                           RUNNING
        prod, us-east-1
        api                          api         000000000000.dkr.ecr.us-east-…    12/12
        ingest-webhooks-of-partners  log-router  fluent-bit:2.31                     0/4
          crash-loop: 17 tasks stopped within an hour, the last with exit code 137
            (OutOfMemoryError: Container killed due to memory usage)
        batch, eu-west-1
        nightly                      job         batch/nightly@sha256:0a1b2c3d…      1/1
        ");
    }

    #[test]
    fn at_40_columns_what_tells_the_rows_apart_is_left() {
        assert_snapshot!(drawn_table(&fleet(), Some(40), false), @"
        SERVICE        IMAGE             RUNNING
        prod, us-east-1
        api            000000000000.dk…    12/12
        ingest-webho…  fluent-bit:2.31       0/4
          crash-loop: 17 tasks stopped within
            an hour, the last with exit code 137
            (OutOfMemoryError: Container killed
            due to memory usage)
        batch, eu-west-1
        nightly        batch/nightly@s…      1/1
        ");
    }

    #[test]
    fn a_link_stays_whole() {
        let link = "https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/prod";
        let rows = vec![Row::Note(Role::Dim, link.to_owned())];
        let table = Table::<&str> { columns: Vec::new(), rows };
        assert_eq!(drawn_table(&table, Some(40), false), format!("  {link}\n"));
    }

    #[test]
    fn where_nothing_can_give_way_any_more_the_line_is_cut() {
        assert_snapshot!(drawn_table(&fleet(), Some(20), false), @"
        SERVICE       IMAGE…
        prod, us-east-1
        api           00000…
        ingest-webh…  fluen…
          crash-loop: 17
            tasks stopped
            within an hour,
            the last with
            exit code 137 (O
            utOfMemoryError:
            Container killed
            due to memory
            usage)
        batch, eu-west-1
        nightly       batch…
        ");
    }

    #[test]
    fn off_a_terminal_nothing_is_cut() {
        assert_snapshot!(drawn_table(&fleet(), None, false), @"
        SERVICE                      CONTAINER   IMAGE                                                            RUNNING  LAUNCH     AGE
        prod, us-east-1
        api                          api         000000000000.dkr.ecr.us-east-1.amazonaws.com/ingest/api:v1.22.0    12/12  FARGATE    3 d
        ingest-webhooks-of-partners  log-router  fluent-bit:2.31                                                      0/4  EC2
          crash-loop: 17 tasks stopped within an hour, the last with exit code 137 (OutOfMemoryError: Container killed due to memory usage)
        batch, eu-west-1
        nightly                      job         batch/nightly@sha256:0a1b2c3d4e5f                                    1/1  EC2      120 d
        ");
    }

    #[test]
    fn roles_are_colours() {
        let drawn = drawn_table(&fleet(), Some(40), true).replace('\u{1b}', "^");
        assert_snapshot!(drawn, @"
        ^[2mSERVICE^[0m        ^[2mIMAGE^[0m             ^[2mRUNNING^[0m
        ^[1mprod, us-east-1^[0m
        api            000000000000.dk…    12/12
        ingest-webho…  fluent-bit:2.31       ^[1m^[31m0/4^[0m
          ^[1m^[31mcrash-loop: 17 tasks stopped within^[0m
            ^[1m^[31man hour, the last with exit code 137^[0m
            ^[1m^[31m(OutOfMemoryError: Container killed^[0m
            ^[1m^[31mdue to memory usage)^[0m
        ^[1mbatch, eu-west-1^[0m
        nightly        batch/nightly@s…      1/1
        ");
    }

    #[test]
    fn cells_from_outside_are_harmless_and_stay_on_their_line() {
        let table = Table {
            columns: vec![
                column("GROUP", Align::Left, Room::Whole),
                column("DAYS", Align::Right, Room::Whole),
            ],
            rows: vec![
                cells(["/ecs/api", "30"]),
                cells(["/x\u{1b}[2J\n/forged  9  ", ""]),
                cells(["/user\u{202e}nimda\t", "7"]),
                Row::Heading("a\u{9b}2J\nb".to_owned()),
                Row::Note(Role::Plain, "c\r\nd \n".to_owned()),
            ],
        };
        assert_snapshot!(drawn_table(&table, Some(80), false), @"
        GROUP                DAYS
        /ecs/api               30
        /x␛[2J␊/forged  9
        /user<U+202E>nimda␉     7
        a<U+009B>2J␊b
          c␍␊d ␊
        ");
    }

    #[test]
    fn wide_characters_are_aligned_and_cut_in_one_piece() {
        let table = Table {
            columns: vec![
                column("NAME", Align::Left, Room::Cut { least: 4 }),
                column("WHAT", Align::Right, Room::Cut { least: 4 }),
                column("N", Align::Right, Room::Whole),
            ],
            rows: vec![
                cells(["日本語のログ", "ログ", "1"]),
                cells(["👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀", "e\u{301}e\u{301}e\u{301}", "22"]),
                cells(["plain", "plain and long enough", "333"]),
            ],
        };
        assert_snapshot!(drawn_table(&table, Some(80), false), @"
        NAME                             WHAT    N
        日本語のログ                     ログ    1
        👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀                    ééé   22
        plain           plain and long enough  333
        ");
        assert_snapshot!(drawn_table(&table, Some(24), false), @"
        NAME           WHAT    N
        日本語の…      ログ    1
        👩‍🚀👩‍🚀👩‍🚀👩‍🚀…       ééé   22
        plain      plain a…  333
        ");
    }

    #[test]
    fn a_list_of_nothing_has_no_headings() {
        let table = Table { rows: vec![Row::Heading("prod".to_owned())], ..fleet() };
        assert_eq!(drawn_table(&table, None, false), "prod\n");
    }

    #[test]
    fn a_heading_may_be_made_at_run_time() {
        let heading = format!("CREATED ({})", "+01:00");
        let columns = vec![Column { heading, align: Align::Left, room: Room::Whole }];
        let table = Table { columns, rows: vec![cells(["2026-11-22"])] };
        assert_eq!(drawn_table(&table, None, false), "CREATED (+01:00)\n2026-11-22\n");
    }

    fn role() -> impl Strategy<Value = Role> {
        prop_oneof![
            Just(Role::Plain),
            Just(Role::Dim),
            Just(Role::Bad),
            Just(Role::Match),
            (0..9u8).prop_map(Role::Name),
        ]
    }

    /// Letters, spaces, what is wide, joined or combining, and what would break a line.
    fn text() -> impl Strategy<Value = String> {
        proptest::string::string_regex(
            "([a-c]{0,9}| {1,3}|日{1,5}|é{1,3}|👩‍🚀|\u{301}|لا|\n|\r|\t|\u{1b}\\[2J|\u{202e}|\u{85}){0,6}",
        )
        .unwrap()
    }

    fn row() -> impl Strategy<Value = Row> {
        let cell = (role(), text()).prop_map(|(role, text)| Cell::new(role, text));
        prop_oneof![
            1 => text().prop_map(Row::Heading),
            4 => proptest::collection::vec(cell, 0..7).prop_map(Row::Cells),
            1 => (role(), text()).prop_map(|(role, text)| Row::Note(role, text)),
        ]
    }

    fn a_column() -> impl Strategy<Value = Column> {
        let heading = prop_oneof![Just("A"), Just("SERVICE"), Just("LAST EVENT")];
        let align = prop_oneof![Just(Align::Left), Just(Align::Right)];
        let room = prop_oneof![
            Just(Room::Whole),
            (0..12usize).prop_map(|least| Room::Cut { least }),
            (0..3u8).prop_map(Room::Yields),
            (0..12usize, 0..3u8).prop_map(|(least, order)| Room::CutThenYields { least, order }),
        ];
        (heading, align, room).prop_map(|(heading, align, room)| column(heading, align, room))
    }

    /// The text without the colours of `style`.
    fn without_colors(text: &str) -> String {
        let mut parts = text.split("\u{1b}[");
        let mut plain = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            plain.push_str(part.split_once('m').unwrap().1);
        }
        plain
    }

    proptest! {
        #[test]
        fn every_row_is_a_line_of_the_terminal_and_a_long_note_several(
            columns in proptest::collection::vec(a_column(), 1..7),
            rows in proptest::collection::vec(row(), 0..8),
            width in proptest::option::of(1..120usize),
        ) {
            let table = Table { columns, rows };
            let drawn = drawn_table(&table, width, false);
            let lines: Vec<&str> = drawn.split_terminator('\n').collect();
            let count = table.columns.len();
            let has_cells = |row: &Row| match row {
                Row::Cells(cells) => {
                    cells.iter().take(count).any(|cell| wrap::columns(&cell.text) > 0)
                }
                _ => false,
            };
            let headings = usize::from(table.rows.iter().any(has_cells));
            let is_note = |row: &Row| matches!(row, Row::Note(..));
            let least = table.rows.len() + headings;
            match table.rows.iter().any(is_note) {
                true => prop_assert!(lines.len() >= least),
                false => prop_assert_eq!(lines.len(), least),
            }
            for line in lines {
                prop_assert!(width.is_none_or(|width| wrap::columns(line) <= width), "{line:?}");
                prop_assert!(!line.ends_with(' '), "{line:?}");
                prop_assert_eq!(untrusted::visible_line(line), line);
            }
            prop_assert_eq!(without_colors(&drawn_table(&table, width, true)), drawn);
        }
    }
}
