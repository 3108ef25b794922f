//! `coercivity new`: the reference model as a folder to be edited.

use coercivity_model::Files;

use crate::Failure;
use crate::args::New;
use crate::files::{REFERENCE, World, embedded_files};
use crate::output::write_folder;

pub fn new(args: &New) -> Result<(), Failure> {
    let dir = &args.dir;
    let occupied = dir.read_dir().is_ok_and(|mut entries| entries.next().is_some()) || dir.is_file();
    if occupied {
        return Err(Failure::World(format!(
            "`{}` is there already and not empty: name a folder that does not exist yet",
            dir.display()
        )));
    }
    let mut files = Vec::new();
    for name in embedded_files() {
        let bytes = World
            .read(&format!("{REFERENCE}/{name}"))
            .map_err(|e| Failure::World(format!("cannot read the embedded file `{name}`: {e}")))?;
        files.push((name, bytes));
    }
    write_folder(dir, &files)?;
    println!("wrote {} files to {}", files.len(), dir.display());
    println!("next: coercivity run {}", dir.display());
    Ok(())
}
