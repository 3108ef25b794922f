//! Tables between the model's text and Arrow's columns.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::temporal_conversions::as_datetime;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, Date32Array, Float64Array, PrimitiveArray, RecordBatch};
use arrow_array::{RecordBatchOptions, StringArray};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use coercivity_model::calendar::days_since_1970;
use coercivity_model::csv_table::Table as Cells;
use coercivity_model::schema::{Kind, TableName};
use coercivity_model::{Code, Diagnostic, Report};
use coercivity_world::ensemble::{Folder, Trouble};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::arrow;
use crate::error::trouble;

/// A table in Arrow's form: numbers are float64, steps int32, days date32, texts utf8, what is not given null.
///
/// pandas, polars, pyarrow, DuckDB and others take it as it is, without copying: `pyarrow.table(table)`,
/// `polars.DataFrame(table)`.
#[pyclass(module = "coercivity", frozen)]
pub struct Table {
    name: String,
    schema: SchemaRef,
    rows: usize,
    held: Held,
}

/// Where the rows of a table are.
enum Held {
    Here(RecordBatch),
    /// In a merged table of an ensemble, which is read anew for each who asks, some rows at a time.
    Merged(Arc<Folder>),
}

impl Table {
    pub fn new(name: &str, batch: RecordBatch) -> Table {
        Table { name: name.to_string(), schema: batch.schema(), rows: batch.num_rows(), held: Held::Here(batch) }
    }

    pub fn merged(name: &str, folder: Arc<Folder>) -> Result<Table, Trouble> {
        let rows = folder.table(name)?;
        Ok(Table { name: name.to_string(), schema: rows.schema, rows: rows.count, held: Held::Merged(folder) })
    }
}

#[pymethods]
impl Table {
    /// What the table is called, such as `sites`.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// Names of the columns. Units stand in the book: "The tables of a model", "Results".
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// Number of rows.
    fn __len__(&self) -> usize {
        self.rows
    }

    fn __repr__(&self) -> String {
        format!("<Table {}: {} rows, columns {}>", self.name, self.rows, self.columns().join(", "))
    }

    /// The table as a capsule of Arrow's C stream interface. Types are the table's own whatever is requested.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        match &self.held {
            Held::Here(batch) => arrow::give(py, batch),
            Held::Merged(folder) => {
                arrow::stream(py, folder.table(&self.name).map_err(|error| trouble(py, error))?.batches)
            }
        }
    }

    /// The table as a DataFrame of pandas; days are datetime64. Needs pandas and pyarrow.
    fn to_pandas<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let options = pyo3::types::PyDict::new(py);
        // Days as pandas's own dates, which its calendar functions take.
        options.set_item("date_as_object", false)?;
        py.import("pyarrow")?.call_method1("table", (slf,))?.call_method("to_pandas", (), Some(&options))
    }

    /// The table as a DataFrame of polars. Needs polars.
    fn to_polars<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        py.import("polars")?.call_method1("DataFrame", (slf,))
    }
}

/// A table of a model; of one that is not there, its columns.
pub fn batch(name: TableName, cells: &Cells) -> RecordBatch {
    let schema = name.schema();
    let absent = || schema.columns.iter().map(|column| column.name.to_string()).collect();
    let header: Vec<String> = if cells.header.is_empty() { absent() } else { cells.header.clone() };
    let rows = 0..cells.len();
    let columns = header.into_iter().map(|name| {
        let array: ArrayRef = match schema.column(&name).map(|column| column.kind) {
            Some(Kind::NonNegative | Kind::Number | Kind::Growth | Kind::Share) => {
                Arc::new(rows.clone().map(|row| cells.number(row, &name)).collect::<Float64Array>())
            }
            Some(Kind::Date) => {
                let day = |row| cells.date(row, &name).map(|d| days_since_1970(d) as i32);
                Arc::new(rows.clone().map(day).collect::<Date32Array>())
            }
            _ => Arc::new(rows.clone().map(|row| cells.given(row, &name)).collect::<StringArray>()),
        };
        (Field::new(name, array.data_type().clone(), true), array)
    });
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.unzip();
    let options = RecordBatchOptions::new().with_row_count(Some(cells.len()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options).expect("columns of one length")
}

/// The text of a CSV table; columns that hold neither texts, numbers nor days are reported.
pub fn csv(file: &str, schema: &Schema, batches: &[RecordBatch], report: &mut Report) -> String {
    // What pandas makes of an index without a name is no column of the table.
    let is_cell = |(_, field): &(usize, &FieldRef)| !field.name().starts_with("__index_level_");
    let fields: Vec<(usize, &FieldRef)> = schema.fields().iter().enumerate().filter(is_cell).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(fields.iter().map(|(_, field)| field.name())).expect("memory takes it");
    for batch in batches {
        let columns = fields.iter().map(|(n, field)| {
            texts(batch.column(*n)).unwrap_or_else(|| {
                let message = format!("the column `{}` of `{file}` is of type {}", field.name(), field.data_type());
                let d = Diagnostic::error(Code::WrongType, message);
                report.push(d.help("a column holds texts, numbers or days"));
                vec![String::new(); batch.num_rows()]
            })
        });
        let columns: Vec<Vec<String>> = columns.collect();
        for row in 0..batch.num_rows() {
            writer.write_record(columns.iter().map(|column| &column[row])).expect("rows of one length");
        }
    }
    String::from_utf8(writer.into_inner().expect("memory takes it")).expect("it is made of texts")
}

/// The cells of a column as a table of the format writes them; `None` for types that it has no use for.
fn texts(array: &dyn Array) -> Option<Vec<String>> {
    fn given<T: ToString>(cells: impl Iterator<Item = Option<T>>) -> Vec<String> {
        cells.map(|cell| cell.map_or(String::new(), |cell| cell.to_string())).collect()
    }
    fn numbers<T: ArrowPrimitiveType<Native: ToString>>(array: &dyn Array) -> Vec<String> {
        given(array.as_primitive::<T>().iter())
    }
    /// A day; with a time of day, both, which is then reported as no date.
    fn days<T: ArrowPrimitiveType>(array: &dyn Array) -> Vec<String>
    where
        i64: From<T::Native>,
    {
        let days: &PrimitiveArray<T> = array.as_primitive();
        given(days.iter().map(|day| {
            let text = as_datetime::<T>(i64::from(day?))?.to_string();
            Some(text.strip_suffix(" 00:00:00").map(str::to_string).unwrap_or(text))
        }))
    }
    Some(match array.data_type() {
        DataType::Null => vec![String::new(); array.len()],
        DataType::Utf8 => given(array.as_string::<i32>().iter()),
        DataType::LargeUtf8 => given(array.as_string::<i64>().iter()),
        DataType::Utf8View => given(array.as_string_view().iter()),
        DataType::Int8 => numbers::<Int8Type>(array),
        DataType::Int16 => numbers::<Int16Type>(array),
        DataType::Int32 => numbers::<Int32Type>(array),
        DataType::Int64 => numbers::<Int64Type>(array),
        DataType::UInt8 => numbers::<UInt8Type>(array),
        DataType::UInt16 => numbers::<UInt16Type>(array),
        DataType::UInt32 => numbers::<UInt32Type>(array),
        DataType::UInt64 => numbers::<UInt64Type>(array),
        DataType::Float32 => numbers::<Float32Type>(array),
        DataType::Float64 => numbers::<Float64Type>(array),
        DataType::Date32 => days::<Date32Type>(array),
        DataType::Date64 => days::<Date64Type>(array),
        DataType::Timestamp(TimeUnit::Second, None) => days::<TimestampSecondType>(array),
        DataType::Timestamp(TimeUnit::Millisecond, None) => days::<TimestampMillisecondType>(array),
        DataType::Timestamp(TimeUnit::Microsecond, None) => days::<TimestampMicrosecondType>(array),
        DataType::Timestamp(TimeUnit::Nanosecond, None) => days::<TimestampNanosecondType>(array),
        DataType::Dictionary(..) => {
            let words = array.as_any_dictionary();
            if words.values().is_empty() {
                return Some(vec![String::new(); array.len()]);
            }
            let (keys, values) = (words.normalized_keys(), texts(words.values())?);
            let cell = |(row, key): (usize, &usize)| if array.is_null(row) { "" } else { values[*key].as_str() };
            keys.iter().enumerate().map(cell).map(str::to_string).collect()
        }
        _ => return None,
    })
}
