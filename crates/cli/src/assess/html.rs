//! A document as one HTML file: no script, nothing from elsewhere. Every text is escaped.

use super::document::{Block, Cell, Document};

/// The look of the other documents that leave the house.
const STYLE: &str = include_str!("../../../comply/templates/style.css");

pub fn page(document: &Document) -> String {
    let title = escaped(&document.title);
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>{STYLE}td.figure, th.figure {{ text-align: right; white-space: nowrap; }}\n\
         td, th {{ overflow-wrap: break-word; }} td a {{ overflow-wrap: anywhere; }} td:first-child {{ min-width: 0; }}\n\
         h1 + p {{ font-weight: 600; }} h3 {{ font-size: 1rem; margin: 1.2rem 0 .3rem; }}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    document.blocks.iter().for_each(|one| text += &block(one));
    text += "<div class=\"sign\"><div>Date</div><div>Name</div><div>Signature</div></div>\n</body>\n</html>\n";
    text
}

fn block(block: &Block) -> String {
    match block {
        Block::Part(title) => format!("\n<h2>{}</h2>\n", escaped(title)),
        Block::Heading(title) => format!("<h3>{}</h3>\n", escaped(title)),
        Block::Text(text) => format!("<p>{}</p>\n", escaped(text)),
        Block::Note(text) => format!("<p class=\"sub\">{}</p>\n", escaped(text)),
        Block::Code(text) => format!("<p><code>{}</code></p>\n", escaped(text)),
        Block::List(items) => {
            let items: String = items.iter().map(|item| format!("<li>{}</li>\n", escaped(item))).collect();
            format!("<ul>\n{items}</ul>\n")
        }
        Block::Table { header, figures, rows } => {
            let class = |i: usize| if figures.contains(&i) { " class=\"figure\"" } else { "" };
            let head = header.iter().enumerate().map(|(i, name)| format!("<th{}>{}</th>", class(i), escaped(name)));
            let mut text = format!("<table>\n<thead><tr>{}</tr></thead>\n<tbody>\n", head.collect::<String>());
            for row in rows {
                let cells = row.iter().enumerate().map(|(i, one)| format!("<td{}>{}</td>", class(i), cell(one)));
                text += &format!("<tr>{}</tr>\n", cells.collect::<String>());
            }
            text + "</tbody>\n</table>\n"
        }
    }
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => escaped(text),
        Cell::Link(url) if url.starts_with("https://") || url.starts_with("http://") => {
            format!("<a href=\"{0}\" rel=\"noreferrer\">{0}</a>", escaped(url))
        }
        Cell::Link(text) => escaped(text),
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_to_the_web_are_links() {
        assert_eq!(cell(&Cell::Link("javascript:alert(1)".into())), "javascript:alert(1)");
        let link = cell(&Cell::Link("https://e.org/\"onclick=\"x".into()));
        assert!(link.starts_with("<a href=\"https://e.org/&quot;onclick=&quot;x\""), "{link}");
    }
}
