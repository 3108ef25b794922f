//! How text and tables are laid out on a terminal.

use std::io::{IsTerminal, stdout};

use comfy_table::{
    Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};

/// From this width on there is room for names without a hint.
const ROOMY: usize = 100;

/// Columns that a number or key may take in a list.
const WIDEST: u16 = 20;

/// Width that the words of names need.
const LONGEST_WORD: u16 = 14;

/// Columns of the terminal; 100 where there is none, such as in a pipe.
pub fn width() -> usize {
    console_width().unwrap_or(100).clamp(60, 140)
}

fn console_width() -> Option<usize> {
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    columns.or_else(|| Table::new().width().map(usize::from))
}

pub fn colour() -> bool {
    stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Words in lines as wide as the terminal.
pub fn wrap(text: &str) -> String {
    wrap_to(text, width())
}

/// The same as an item of a list: lines after the first begin below its first word.
pub fn item(text: &str) -> String {
    format!("- {}", wrap_to(text, width() - 2).replace('\n', "\n  "))
}

fn wrap_to(text: &str, width: usize) -> String {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join("\n")
}

/// A rule below the header and no other lines.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table with a bold header; names to the left, figures to the right.
pub fn table(header: &[&str], figures_from: usize) -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width()).unwrap_or(100));
    if colour() {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_header(header.iter().map(|name| Cell::new(name).add_attribute(Attribute::Bold)));
    for (i, column) in table.column_iter_mut().enumerate() {
        if i >= figures_from {
            column.set_cell_alignment(CellAlignment::Right);
        } else if width() < ROOMY {
            // No word of a name is broken on a narrow terminal.
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(LONGEST_WORD + 2)));
        }
    }
    table
}

/// A table of words whose last column is as wide as the others leave it.
pub fn list(header: &[&str]) -> Table {
    let mut table = table(header, header.len());
    for column in table.column_iter_mut().take(header.len() - 1) {
        column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(WIDEST)));
    }
    table
}

/// A table, and how many of its rows stand in a file only.
pub fn print(table: &Table, left_out: usize, file: &str) {
    println!("{table}");
    if left_out > 0 {
        println!("and {left_out} more: see {file}");
    }
    println!();
}

/// A sentence that stands out where there is colour.
pub fn print_bold(sentence: &str) {
    if colour() {
        println!("\x1b[1m{}\x1b[0m", wrap(sentence));
    } else {
        println!("{}", wrap(sentence));
    }
}

/// A number with three significant digits or thousands separators.
pub fn quantity(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        return "0".to_string();
    }
    if size < 99.95 {
        let digits = (2 - size.log10().floor() as i32).clamp(0, 6) as usize;
        let text = format!("{value:.digits$}");
        let short = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        // Less than can be shown is 0, from whichever side.
        return if short == "-0" { "0".to_string() } else { short.to_string() };
    }
    let whole = format!("{:.0}", size);
    let mut text = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("-{text}") } else { text }
}

/// An index of concentration by its usual scale: 10,000 is one maker.
pub fn index(hhi: f64) -> String {
    quantity((10_000.0 * hhi).round())
}

/// The text with its first letter in upper case.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::quantity;

    #[test]
    fn quantities_read_well() {
        assert_eq!(quantity(0.0), "0");
        assert_eq!(quantity(1234567.8), "1,234,568");
        assert_eq!(quantity(99.96), "100");
        assert_eq!(quantity(12.34), "12.3");
        assert_eq!(quantity(0.012345), "0.0123");
        assert_eq!(quantity(5.0), "5");
        assert_eq!(quantity(-1500.0), "-1,500");
        assert_eq!(quantity(-1e-9), "0");
    }
}
