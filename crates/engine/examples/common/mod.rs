//! What the benches share.

use std::io;

use coercivity_model::Files;

/// The files of the disk.
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort();
        names
    }
}

/// Ends with a message.
pub fn fail(message: &str) -> ! {
    eprintln!("{message}");
    std::process::exit(2);
}
