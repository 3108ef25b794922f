//! The tables of an ensemble, as Parquet: parts, one a shard, and the two tables that are merged from them.
//!
//! A part has a row for each sample, in the order of their numbers, with its demands in a list. Merged, `samples` has the
//! rows without the list, and `demands` one row for each sample and demand. Rows are written in groups of a fixed number
//! of samples, so that it does not matter in which parts they came.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use arrow_array::builder::{
    Date32Builder, Float64Builder, Int32Builder, Int64Builder, ListBuilder, StringBuilder, StructBuilder,
};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef};
use coercivity_model::Date;
use coercivity_model::calendar::days_since_1970;
use coercivity_model::uncertainty::Amount;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::Result;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::Ensemble;
use super::design::Role;
use super::sample::{Figures, Found, Record};
use crate::results::summary::Costs;

/// Samples in a group of rows of a merged table.
pub const GROUP: usize = 256;

/// A part of the costs.
type Part = fn(&Costs) -> f64;

/// The costs that are kept, by name.
const COSTS: &[(&str, Part)] = &[
    ("production", |c| c.production),
    ("transport", |c| c.transport),
    ("duties", |c| c.duties),
    ("holding", |c| c.holding),
    ("shortfall", |c| c.shortfall),
    ("options", |c| c.options),
    ("terminal", |c| c.terminal),
];

/// What the column of a variable is called: no name of an input can be one of the others.
pub fn column_of(variable: &str) -> String {
    format!("input:{variable}")
}

/// The columns of a part.
pub fn part_schema(ensemble: &Ensemble) -> SchemaRef {
    let mut fields = vec![
        Field::new("sample", DataType::Int64, false),
        Field::new("point", DataType::Int64, false),
        Field::new("role", DataType::Utf8, false),
    ];
    for variable in &ensemble.variables {
        let kind = if variable.marginal.gives_dates() { DataType::Date32 } else { DataType::Float64 };
        fields.push(Field::new(column_of(&variable.name), kind, false));
    }
    fields.extend([
        Field::new("status", DataType::Utf8, false),
        Field::new("why", DataType::Utf8, true),
        Field::new("objective", DataType::Float64, true),
        Field::new("unmet_value", DataType::Float64, true),
    ]);
    fields.extend(COSTS.iter().map(|(name, _)| Field::new(*name, DataType::Float64, true)));
    fields.extend([
        Field::new("first_short", DataType::Date32, true),
        Field::new("plans", DataType::Int32, true),
        Field::new("went_on", DataType::Int32, true),
        Field::new(
            "demands",
            DataType::List(Arc::new(Field::new("item", DataType::Struct(demand_fields()), false))),
            false,
        ),
    ]);
    Arc::new(Schema::new(fields))
}

fn demand_fields() -> Fields {
    Fields::from(vec![
        Field::new("demand", DataType::Utf8, false),
        Field::new("unmet", DataType::Float64, false),
        Field::new("unmet_value", DataType::Float64, false),
        Field::new("first_short", DataType::Date32, true),
        Field::new("unmet_by_step", unmet_by_step(), false),
    ])
}

fn unmet_by_step() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Float64, false)))
}

/// Records as rows of a part.
pub fn part(ensemble: &Ensemble, records: &[Record]) -> std::result::Result<RecordBatch, ArrowError> {
    let figures: Vec<Option<&Figures>> = records
        .iter()
        .map(|record| match &*record.outcome {
            Found::Optimal(figures) => Some(figures),
            _ => None,
        })
        .collect();
    let numbers = |of: &dyn Fn(&Figures) -> f64| -> ArrayRef {
        Arc::new(Float64Array::from_iter(figures.iter().map(|figures| figures.map(of))))
    };
    let mut role = StringBuilder::new();
    let (mut status, mut why) = (StringBuilder::new(), StringBuilder::new());
    let (mut plans, mut went_on) = (Int32Builder::new(), Int32Builder::new());
    for record in records {
        match ensemble.design.role(record.sample).1 {
            Role::A => role.append_value("a"),
            Role::B => role.append_value("b"),
            Role::Redrawn(input) => role.append_value(&ensemble.inputs[input].id),
        }
        let (word, reason) = match &*record.outcome {
            Found::Optimal(_) => ("optimal", None),
            Found::NoModel(why) => ("no-model", Some(why)),
            Found::Stopped(why) => ("stopped", Some(why)),
        };
        status.append_value(word);
        why.append_option(reason);
    }
    for figures in &figures {
        plans.append_option(figures.map(|figures| figures.plans as i32));
        went_on.append_option(figures.map(|figures| figures.went_on as i32));
    }
    let point = |record: &Record| ensemble.design.role(record.sample).0 as i64;
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(records.iter().map(|record| record.sample as i64))),
        Arc::new(Int64Array::from_iter_values(records.iter().map(point))),
        Arc::new(role.finish()),
    ];
    for v in 0..ensemble.variables.len() {
        columns.push(values(records, v));
    }
    columns.extend([Arc::new(status.finish()) as ArrayRef, Arc::new(why.finish())]);
    columns.extend([numbers(&|f| f.objective), numbers(&|f| f.unmet_value)]);
    columns.extend(COSTS.iter().map(|(_, of)| numbers(&|f| of(&f.costs))));
    columns.push(Arc::new(Date32Array::from_iter(figures.iter().map(|f| f.and_then(|f| f.first_short).map(days)))));
    columns.extend([Arc::new(plans.finish()) as ArrayRef, Arc::new(went_on.finish()), demands(ensemble, &figures)]);
    RecordBatch::try_new(part_schema(ensemble), columns)
}

fn values(records: &[Record], variable: usize) -> ArrayRef {
    let values = records.iter().map(|record| record.values[variable]);
    match records.first().map(|record| record.values[variable]) {
        Some(Amount::Date(_)) => Arc::new(Date32Array::from_iter_values(values.map(|value| match value {
            Amount::Date(date) => days(date),
            Amount::Number(_) => unreachable!("a variable has values of one kind"),
        }))),
        _ => Arc::new(Float64Array::from_iter_values(values.map(|value| match value {
            Amount::Number(number) => number,
            Amount::Date(_) => unreachable!("a variable has values of one kind"),
        }))),
    }
}

/// As Parquet and Arrow count days.
fn days(date: Date) -> i32 {
    days_since_1970(date) as i32
}

fn demands(ensemble: &Ensemble, figures: &[Option<&Figures>]) -> ArrayRef {
    let item = Arc::new(Field::new("item", DataType::Float64, false));
    let fields: Vec<Box<dyn arrow_array::builder::ArrayBuilder>> = vec![
        Box::new(StringBuilder::new()),
        Box::new(Float64Builder::new()),
        Box::new(Float64Builder::new()),
        Box::new(Date32Builder::new()),
        Box::new(ListBuilder::new(Float64Builder::new()).with_field(item)),
    ];
    let item = Arc::new(Field::new("item", DataType::Struct(demand_fields()), false));
    let mut list = ListBuilder::new(StructBuilder::new(demand_fields(), fields)).with_field(item);
    for figures in figures {
        let row = list.values();
        for (demand, of) in ensemble.model.demands.iter().zip(figures.iter().flat_map(|f| &f.demands)) {
            let built = "the builders were given in this order";
            row.field_builder::<StringBuilder>(0).expect(built).append_value(&demand.id);
            row.field_builder::<Float64Builder>(1).expect(built).append_value(of.unmet.iter().sum());
            row.field_builder::<Float64Builder>(2).expect(built).append_value(of.unmet_value);
            row.field_builder::<Date32Builder>(3).expect(built).append_option(of.first_short.map(days));
            let steps = row.field_builder::<ListBuilder<Float64Builder>>(4).expect(built);
            of.unmet.iter().for_each(|units| steps.values().append_value(*units));
            steps.append(true);
            row.append(true);
        }
        list.append(true);
    }
    Arc::new(list.finish())
}

/// Writes rows as one file. `about` stands in its metadata.
pub fn write<W: Write + Send>(out: W, rows: &RecordBatch, about: &BTreeMap<&str, String>) -> Result<()> {
    let mut writer = Writer::new(out, rows.schema(), about)?;
    writer.write_group(rows)?;
    writer.finish()
}

/// Writes a file group by group of rows.
pub struct Writer<W: Write + Send>(ArrowWriter<W>);

impl<W: Write + Send> Writer<W> {
    pub fn new(out: W, schema: SchemaRef, about: &BTreeMap<&str, String>) -> Result<Writer<W>> {
        let about = about.iter().map(|(key, value)| KeyValue::new(key.to_string(), value.clone())).collect();
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_key_value_metadata(Some(about))
            .set_created_by("coercivity".to_string())
            .build();
        Ok(Writer(ArrowWriter::try_new(out, schema, Some(properties))?))
    }

    pub fn write_group(&mut self, rows: &RecordBatch) -> Result<()> {
        self.0.write(rows)?;
        self.0.flush()
    }

    pub fn finish(self) -> Result<()> {
        self.0.close().map(|_| ())
    }
}

/// The rows of a part without its demands.
pub fn samples_of(rows: &RecordBatch) -> std::result::Result<RecordBatch, ArrowError> {
    rows.project(&(0..rows.num_columns() - 1).collect::<Vec<_>>())
}

/// The demands of the rows of a part, one row for each.
pub fn demands_of(rows: &RecordBatch) -> std::result::Result<RecordBatch, ArrowError> {
    let list = rows.column(rows.num_columns() - 1).as_list::<i32>();
    let samples = rows.column(0).as_primitive::<arrow_array::types::Int64Type>();
    let mut sample = Int64Builder::new();
    for row in 0..rows.num_rows() {
        for _ in 0..list.value_length(row) {
            sample.append_value(samples.value(row));
        }
    }
    let (first, last) = (list.value_offsets()[0] as usize, list.value_offsets()[rows.num_rows()] as usize);
    let demands = list.values().slice(first, last - first);
    let demands = demands.as_struct();
    let mut fields = vec![Field::new("sample", DataType::Int64, false)];
    fields.extend(demand_fields().iter().map(|field| field.as_ref().clone()));
    let mut columns: Vec<ArrayRef> = vec![Arc::new(sample.finish())];
    columns.extend(demands.columns().iter().cloned());
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}
