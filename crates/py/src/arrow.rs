//! Arrow's C stream interface (PyCapsule): tables out to any library that reads it, and in from any that has it.
//! The one place of this crate with unsafe code.

use std::ffi::CStr;

use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::SchemaRef;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods};

const STREAM: &CStr = c"arrow_array_stream";

/// A stream of one batch, whose memory the reader shares.
pub fn give<'py>(py: Python<'py>, batch: &RecordBatch) -> PyResult<Bound<'py, PyCapsule>> {
    stream(py, RecordBatchIterator::new([Ok(batch.clone())], batch.schema()))
}

/// A stream of batches, each read when it is asked for.
pub fn stream<'py>(
    py: Python<'py>,
    batches: impl RecordBatchReader + Send + 'static,
) -> PyResult<Bound<'py, PyCapsule>> {
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(batches)), STREAM)
}

/// The columns and batches of anything that has `__arrow_c_stream__`.
pub fn take(frame: &Bound<PyAny>) -> PyResult<(SchemaRef, Vec<RecordBatch>)> {
    if !frame.hasattr("__arrow_c_stream__")? {
        let kind = frame.get_type().name()?;
        return Err(PyTypeError::new_err(format!(
            "a table is a DataFrame of pandas (2.2 or later) or polars, a table of pyarrow or anything else with \
             __arrow_c_stream__, and a {kind} has none"
        )));
    }
    let capsule = frame.call_method0("__arrow_c_stream__")?.cast_into::<PyCapsule>()?;
    let stream = capsule.pointer_checked(Some(STREAM))?.cast::<FFI_ArrowArrayStream>();
    // SAFETY: a capsule of this name points to a stream of Arrow's C interface, and is alive here. Moving the stream
    // out leaves a released one behind, as the interface asks for.
    let reader = unsafe { RecordBatchStreamReader::from_raw(stream.as_ptr()) };
    let read = reader.and_then(|reader| Ok((reader.schema(), reader.collect::<Result<Vec<_>, _>>()?)));
    read.map_err(|error| PyValueError::new_err(format!("cannot read the table: {error}")))
}
