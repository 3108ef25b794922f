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

/// CPU seconds of this thread where the kernel tells them, else those of the clock on the wall.
#[allow(dead_code)] // Not every bench asks it.
pub fn cpu_seconds() -> f64 {
    static BEGIN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    let wall = || BEGIN.get_or_init(std::time::Instant::now).elapsed().as_secs_f64();
    let nanoseconds = || -> Option<f64> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split_whitespace().next()?.parse().ok()
    };
    nanoseconds().map_or_else(wall, |n| n / 1e9)
}
