//! A table of results, and its two forms: CSV for people, Parquet for programs.

use std::io;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Date32Array, Float64Array, Int32Array, RecordBatch, StringArray};
use arrow_schema::{Field, Schema};
use coercivity_model::Date;
use coercivity_model::calendar::days_since_1970;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

/// One column of a table.
#[derive(Clone, Debug)]
pub enum Cells {
    Step(Vec<usize>),
    Date(Vec<Date>),
    Text(Vec<String>),
    Number(Vec<f64>),
    /// Numbers some of which are unknown: empty in CSV, null in Parquet.
    Known(Vec<Option<f64>>),
}

/// A table of results: columns of equal length.
#[derive(Clone, Debug)]
pub struct ResultTable {
    pub name: &'static str,
    pub columns: Vec<(&'static str, Cells)>,
}

impl ResultTable {
    pub fn len(&self) -> usize {
        match self.columns.first() {
            None => 0,
            Some((_, Cells::Step(v))) => v.len(),
            Some((_, Cells::Date(v))) => v.len(),
            Some((_, Cells::Text(v))) => v.len(),
            Some((_, Cells::Number(v))) => v.len(),
            Some((_, Cells::Known(v))) => v.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The table as CSV, with the shortest digits that give each number back.
    pub fn csv(&self) -> io::Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|(name, _)| *name))?;
        for row in 0..self.len() {
            writer.write_record(self.columns.iter().map(|(_, cells)| match cells {
                Cells::Step(v) => v[row].to_string(),
                Cells::Date(v) => v[row].to_string(),
                Cells::Text(v) => v[row].clone(),
                Cells::Number(v) => v[row].to_string(),
                Cells::Known(v) => v[row].map_or(String::new(), |number| number.to_string()),
            }))?;
        }
        writer.into_inner().map_err(|e| io::Error::other(e.to_string()))
    }

    /// The table in Arrow's form: steps are int32, dates date32, texts utf8, numbers float64.
    pub fn batch(&self) -> io::Result<RecordBatch> {
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for (name, cells) in &self.columns {
            let array: ArrayRef = match cells {
                Cells::Step(v) => Arc::new(Int32Array::from_iter_values(v.iter().map(|s| *s as i32))),
                Cells::Date(v) => Arc::new(Date32Array::from_iter_values(v.iter().map(|d| days_since_1970(*d) as i32))),
                Cells::Text(v) => Arc::new(StringArray::from_iter_values(v)),
                Cells::Number(v) => Arc::new(Float64Array::from(v.clone())),
                Cells::Known(v) => Arc::new(Float64Array::from(v.clone())),
            };
            fields.push(Field::new(*name, array.data_type().clone(), matches!(cells, Cells::Known(_))));
            arrays.push(array);
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(io::Error::other)
    }

    /// The table as Parquet, zstd-compressed.
    pub fn parquet(&self) -> io::Result<Vec<u8>> {
        let batch = self.batch()?;
        let level = ZstdLevel::try_new(3).map_err(io::Error::other)?;
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
        let mut bytes = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).map_err(io::Error::other)?;
        writer.write(&batch).map_err(io::Error::other)?;
        writer.close().map_err(io::Error::other)?;
        Ok(bytes)
    }
}
