//! Tables for people: aligned, no wider than the terminal.

use comfy_table::{ContentArrangement, Table, presets};
use record::untrusted;

pub(crate) fn draw(headings: &[&str], rows: &[Vec<String>], width: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .set_header(headings);
    for row in rows {
        table.add_row(row.iter().map(|cell| untrusted::visible_line(cell).into_owned()));
    }
    let drawn = table.trim_fmt();
    let lines = drawn.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
    lines.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_aligned_and_its_cells_are_harmless() {
        let rows = [
            vec!["/ecs/api".to_owned(), "30".to_owned()],
            vec!["/x\u{1b}[2J".to_owned(), String::new()],
        ];
        assert_eq!(draw(&["GROUP", "DAYS"], &rows, 80), "GROUP     DAYS\n/ecs/api  30\n/x␛[2J\n");
    }
}
