//! Finished runs on disk: a folder for each, named by what was asked, complete or absent.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::job::is_id;

/// Runs that are kept; of more, those that were used longest ago go.
const KEPT: usize = 64;

/// Says of an entry what it holds: sizes by name. Its time is that of the last use.
const ENTRY: &str = "entry.json";

/// Folders of jobs under way.
const JOB: &str = ".job-";

#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Opens the folder, making it if it is not there, and clears away what a server that was killed left.
    pub fn open(folder: &Path) -> io::Result<Cache> {
        fs::create_dir_all(folder)?;
        for entry in fs::read_dir(folder)?.flatten() {
            let left = entry.file_name().to_string_lossy().starts_with(JOB);
            // Another server may share the folder: only what is a day old is nobody's.
            let old =
                || entry.metadata().and_then(|m| m.modified()).ok()?.elapsed().ok().map(|age| age.as_secs() > 86_400);
            if left && old() == Some(true) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Ok(Cache { folder: folder.to_path_buf() })
    }

    /// A fresh folder for a job; it goes when dropped.
    pub fn job(&self) -> io::Result<tempfile::TempDir> {
        tempfile::Builder::new().prefix(JOB).tempdir_in(&self.folder)
    }

    /// The file of a finished run. `None` where the run is not here, is damaged, or has no such file.
    pub fn file(&self, id: &str, name: &str) -> Option<PathBuf> {
        let files = self.entry(id)?;
        files.contains_key(name).then(|| self.folder.join(id).join(name))
    }

    /// Whether a run is here and whole; if so, it was used now.
    pub fn has(&self, id: &str) -> bool {
        let Some(files) = self.entry(id) else { return false };
        let folder = self.folder.join(id);
        let whole = files.iter().all(|(name, size)| fs::metadata(folder.join(name)).is_ok_and(|m| m.len() == *size));
        if whole {
            let used = fs::File::options().append(true).open(folder.join(ENTRY));
            let _ = used.and_then(|file| file.set_modified(SystemTime::now()));
        } else {
            let _ = fs::remove_dir_all(folder);
        }
        whole
    }

    fn entry(&self, id: &str) -> Option<BTreeMap<String, u64>> {
        if !is_id(id) {
            return None;
        }
        serde_json::from_slice(&fs::read(self.folder.join(id).join(ENTRY)).ok()?).ok()
    }

    /// Takes in a folder of results. Whole or not at all: it is moved into place when it is complete.
    pub fn put(&self, id: &str, results: &Path) -> io::Result<()> {
        let mut files: BTreeMap<String, u64> = BTreeMap::new();
        for entry in fs::read_dir(results)? {
            let entry = entry?;
            files.insert(entry.file_name().to_string_lossy().into_owned(), entry.metadata()?.len());
        }
        fs::write(results.join(ENTRY), serde_json::to_vec(&files)?)?;
        let place = self.folder.join(id);
        if place.exists() {
            fs::remove_dir_all(&place)?;
        }
        fs::rename(results, place)?;
        self.forget_oldest(id)
    }

    fn forget_oldest(&self, but: &str) -> io::Result<()> {
        let mut runs: Vec<(SystemTime, PathBuf)> = fs::read_dir(&self.folder)?
            .flatten()
            .filter(|entry| is_id(&entry.file_name().to_string_lossy()) && entry.file_name() != but)
            .map(|entry| {
                let used = fs::metadata(entry.path().join(ENTRY)).and_then(|m| m.modified());
                (used.unwrap_or(SystemTime::UNIX_EPOCH), entry.path())
            })
            .collect();
        runs.sort();
        let too_many = (runs.len() + 1).saturating_sub(KEPT);
        runs.iter().take(too_many).try_for_each(|(_, folder)| fs::remove_dir_all(folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> String {
        format!("{n:032x}")
    }

    fn results(folder: &Path, text: &str) -> PathBuf {
        let results = folder.join("results");
        fs::create_dir(&results).unwrap();
        fs::write(results.join("view.json"), text).unwrap();
        results
    }

    #[test]
    fn what_is_put_is_found_until_it_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        assert!(!cache.has(&id(1)));
        let job = cache.job().unwrap();
        cache.put(&id(1), &results(job.path(), "{}")).unwrap();
        assert!(cache.has(&id(1)));
        let file = cache.file(&id(1), "view.json").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "{}");
        assert_eq!(cache.file(&id(1), "../view.json"), None);
        assert_eq!(cache.file("..", "view.json"), None);
        fs::write(&file, "{").unwrap();
        assert!(!cache.has(&id(1)) && !folder.path().join(id(1)).exists(), "a damaged run is gone");
    }

    #[test]
    fn the_longest_unused_go_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        for n in 0..=KEPT {
            let job = cache.job().unwrap();
            cache.put(&id(n), &results(job.path(), "{}")).unwrap();
            let entry = fs::File::options().append(true).open(folder.path().join(id(n)).join(ENTRY)).unwrap();
            // As if put long ago, one after the other; but the first was used just now.
            let then = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(n as u64);
            entry.set_modified(then).unwrap();
            assert!(cache.has(&id(0)));
        }
        assert!(cache.has(&id(0)) && !cache.has(&id(1)) && cache.has(&id(2)) && cache.has(&id(KEPT)));
    }
}
