//! The part that a shard writes: a Parquet file with a row for each of its samples.

use std::fs::File;
use std::io;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use coercivity_engine::ensemble::sample::Record;
use coercivity_engine::ensemble::table;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::Result;

use super::{Folder, Trouble, cannot};
use crate::write_file;

/// Writes a part beside its place, then puts it there.
pub(super) fn write(folder: &Folder, index: usize, records: &[Record]) -> std::result::Result<(), Trouble> {
    let path = folder.part_path(index);
    let rows = table::part(&folder.ensemble, records).map_err(|error| cannot("make the rows of", &path, error))?;
    let make = || std::fs::create_dir_all(path.parent().unwrap_or(&folder.dir));
    let write = |file: &mut File| table::write(file, &rows, &folder.about(index)).map_err(io::Error::other);
    make().and_then(|()| write_file(&path, write)).map_err(|error| cannot("write", &path, error))
}

/// Whether a part is there, can be read to its end, and has the samples of its shard of this ensemble.
pub(super) fn is_whole(folder: &Folder, index: usize) -> bool {
    let read = || -> Result<bool> {
        let mut samples = folder.samples_of(index);
        for rows in read(folder, index)? {
            let rows = rows?;
            let numbers = rows.column(0).as_primitive::<Int64Type>();
            if !numbers.values().iter().all(|number| samples.next() == usize::try_from(*number).ok()) {
                return Ok(false);
            }
        }
        Ok(samples.is_empty())
    };
    read().unwrap_or(false)
}

/// The rows of a part, some at a time. An error if it is not of this shard of this ensemble.
pub(super) fn read(folder: &Folder, index: usize) -> Result<impl Iterator<Item = Result<RecordBatch>> + use<>> {
    let path = folder.part_path(index);
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(&path)?)?;
    let metadata = builder.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
    let says = |key: &str, value: &String| metadata.iter().any(|kv| kv.key == key && kv.value.as_ref() == Some(value));
    if !folder.about(index).iter().all(|(key, value)| says(key, value)) {
        return Err(parquet::errors::ParquetError::General("it is of another ensemble or another plan".to_string()));
    }
    let rows = builder.with_batch_size(table::GROUP).build()?;
    Ok(rows.map(|rows| rows.map_err(Into::into)))
}
