//! `coercivity new`: the reference model as a folder to be edited.

use coercivity_model::Files;
use coercivity_world::{REFERENCE, World, embedded_files};

use crate::Failure;
use crate::args::New;
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
    let names: Vec<String> = embedded_files().collect();
    let count = names.len();
    write_folder(
        dir,
        names.into_iter().map(|name| match World.read(&format!("{REFERENCE}/{name}")) {
            Ok(bytes) => Ok((name, bytes)),
            Err(error) => Err(Failure::World(format!("cannot read the embedded file `{name}`: {error}"))),
        }),
    )?;
    println!("wrote {count} files to {}", dir.display());
    println!("next: coercivity run {}", dir.display());
    Ok(())
}
