//! The book and the other pages hang together: every page of the book is in its contents, and every
//! relative link leads to a file.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use common::{Files, World, root};

/// Folders with pages of others.
const ELSEWHERE: &[&str] = &["target", "node_modules"];

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !ELSEWHERE.contains(&name.as_str()) && !name.starts_with('.') {
            pages(&path, found);
        } else if path.extension().is_some_and(|end| end == "md") {
            found.push(path);
        }
    }
}

/// Targets of Markdown links, without anchors; those of code blocks do not count.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut code = false;
    for line in text.lines() {
        code ^= line.starts_with("```");
        if code || line.starts_with("    ") {
            continue;
        }
        for part in line.split("](").skip(1) {
            let target = part.split(')').next().unwrap().split('#').next().unwrap();
            if !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:") {
                links.push(target.to_string());
            }
        }
    }
    links
}

#[test]
fn every_link_leads_to_a_file() {
    let mut all = Vec::new();
    pages(&root(), &mut all);
    let mut dead = Vec::new();
    for page in &all {
        for link in links(&std::fs::read_to_string(page).unwrap()) {
            if !page.parent().unwrap().join(&link).exists() {
                dead.push(format!("{}: {link}", page.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(all.len() > 200, "{} pages", all.len());
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
}

#[test]
fn every_page_of_the_book_is_in_its_contents() {
    let folder = root().join("book/src");
    let contents = std::fs::read_to_string(folder.join("SUMMARY.md")).unwrap();
    let listed: BTreeSet<PathBuf> = links(&contents).into_iter().map(|link| folder.join(link)).collect();
    let mut there = Vec::new();
    pages(&folder, &mut there);
    there.retain(|page| !page.ends_with("SUMMARY.md"));
    assert_eq!(listed, there.into_iter().collect());
}

/// The tables that a page shows: blocks of CSV whose first line, `# name.csv`, says which they are.
fn tables(page: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join("book/src").join(page)).unwrap();
    let blocks = text.split("```csv\n").skip(1).map(|block| block.split("```").next().unwrap());
    blocks
        .map(|block| {
            let (first, rows) = block.split_once('\n').unwrap();
            let name = first.trim_start_matches("# ").split(':').next().unwrap();
            (name.to_string(), rows.to_string())
        })
        .collect()
}

#[test]
fn models_that_the_book_lays_over_the_reference_model_are_right() {
    for (page, count) in [("own-data.md", 6), ("magnets.md", 6)] {
        let mut files = Files(BTreeMap::new());
        files.put("model.toml", "format = 1\nname = \"Own\"\nextends = \"reference/magnets\"\n");
        let tables = tables(page);
        assert_eq!(tables.len(), count, "{page}");
        tables.iter().for_each(|(name, rows)| files.put(name, rows));
        let said = World::new(&files).run(&["check", "m"]);
        assert_eq!(said.code, 0, "{page}: {}", said.stderr);
        assert!(!said.stderr.contains("m/"), "{page}: {}", said.stderr);
    }
}
