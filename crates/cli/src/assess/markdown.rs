//! A document as Markdown, as GitHub and CommonMark read it. Every text is escaped and stays on its line.

use super::document::{Block, Cell, Document};

pub fn page(document: &Document) -> String {
    let mut text = format!("# {}\n", escaped(&document.title));
    document.blocks.iter().for_each(|one| text += &block(one));
    text
}

fn block(block: &Block) -> String {
    match block {
        Block::Part(title) => format!("\n## {}\n", escaped(title)),
        Block::Heading(title) => format!("\n### {}\n", escaped(title)),
        Block::Text(text) | Block::Note(text) => format!("\n{}\n", escaped(text)),
        Block::Code(text) => format!("\n{}\n", code(text)),
        Block::List(items) => {
            let items: String = items.iter().map(|item| format!("- {}\n", escaped(item))).collect();
            format!("\n{items}")
        }
        Block::Table { header, figures, rows } => {
            let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
            let rule = (0..header.len()).map(|i| if figures.contains(&i) { "---:" } else { "---" }.to_string());
            let mut text = format!("\n{}", line(header.iter().map(|name| escaped(name)).collect()));
            text += &line(rule.collect());
            rows.iter().for_each(|row| text += &line(row.iter().map(cell).collect()));
            text
        }
    }
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => escaped(text),
        Cell::Link(url) => {
            let of_the_web = url.starts_with("https://") || url.starts_with("http://");
            let plain = !url.contains(|c: char| c.is_whitespace() || c.is_control() || "<>|`\\".contains(c));
            if of_the_web && plain { format!("<{url}>") } else { escaped(url) }
        }
    }
}

/// Text in which nothing is markup; line ends become spaces.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (i, c) in text.chars().enumerate() {
        match c {
            '&' => escaped += "&amp;",
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '$' => escaped.extend(['\\', c]),
            '#' | '+' | '-' | '=' if i == 0 => escaped.extend(['\\', c]),
            c if c.is_control() || c == '\u{2028}' || c == '\u{2029}' => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A line of code, fenced by more backticks than stand in it.
fn code(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}\n{text}\n{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(escaped("a|b `c` <script>\n# d"), "a\\|b \\`c\\` \\<script\\> # d");
        assert_eq!(escaped("# e"), "\\# e");
        assert_eq!(cell(&Cell::Link("https://e.org/a_b".into())), "<https://e.org/a_b>");
        assert_eq!(cell(&Cell::Link("https://e.org/|".into())), "https://e.org/\\|");
        assert_eq!(code("a ``` b"), "````\na ``` b\n````");
    }
}
