//! What a summary reads of the merged tables.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use coercivity_model::Date;
use coercivity_model::calendar::date_since_1970;

/// The samples that have an optimum, and how many have none.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    pub sample: Vec<usize>,
    pub point: Vec<usize>,
    /// `a`, `b`, or the id of the input that was drawn anew.
    pub role: Vec<String>,
    /// By column of inputs, then sample: numbers, and dates as days since 1970.
    pub values: Vec<Vec<f64>>,
    pub objective: Vec<f64>,
    pub unmet_value: Vec<f64>,
    pub first_short: Vec<Option<Date>>,
    pub no_model: usize,
    pub stopped: usize,
    /// The first reason why a sample has none.
    pub why: Option<String>,
}

/// What one demand goes without, by sample, in the order of [`Samples`].
#[derive(Clone, Debug)]
pub struct OfDemand {
    pub unmet: Vec<f64>,
    pub unmet_value: Vec<f64>,
    pub first_short: Vec<Option<Date>>,
}

/// Units unmet of one demand, by step, then by sample.
pub type BySteps = Vec<Vec<f64>>;

impl Samples {
    /// Takes in some rows of `samples.parquet`; `columns` are those of the inputs.
    pub fn take(&mut self, rows: &RecordBatch, columns: &[String]) {
        self.values.resize(columns.len(), Vec::new());
        let status = column(rows, "status").as_string::<i32>();
        let (why, role) = (column(rows, "why").as_string::<i32>(), column(rows, "role").as_string::<i32>());
        let whole = |name| column(rows, name).as_primitive::<Int64Type>();
        let number = |name| column(rows, name).as_primitive::<Float64Type>();
        let (sample, point) = (whole("sample"), whole("point"));
        let (objective, unmet_value) = (number("objective"), number("unmet_value"));
        let first = column(rows, "first_short").as_primitive::<Date32Type>();
        let inputs: Vec<Vec<f64>> = columns.iter().map(|name| numbers(column(rows, name))).collect();
        for row in 0..rows.num_rows() {
            match status.value(row) {
                "optimal" => {}
                status => {
                    if status == "no-model" {
                        self.no_model += 1;
                    } else {
                        self.stopped += 1;
                    }
                    self.why.get_or_insert_with(|| why.value(row).to_string());
                    continue;
                }
            }
            self.sample.push(sample.value(row) as usize);
            self.point.push(point.value(row) as usize);
            self.role.push(role.value(row).to_string());
            self.objective.push(objective.value(row));
            self.unmet_value.push(unmet_value.value(row));
            self.first_short.push(first.is_valid(row).then(|| date(first.value(row))));
            for (values, input) in self.values.iter_mut().zip(&inputs) {
                values.push(input[row]);
            }
        }
    }
}

/// Of some rows of `demands.parquet`, those of one demand, to be taken in one after the other: of each its units unmet by
/// step.
pub fn by_steps(rows: &RecordBatch, demand: &str, steps: &mut BySteps) {
    let (ids, lists) = (column(rows, "demand").as_string::<i32>(), column(rows, "unmet_by_step").as_list::<i32>());
    for row in (0..rows.num_rows()).filter(|row| ids.value(*row) == demand) {
        let units = lists.value(row);
        for (step, units) in steps.iter_mut().zip(units.as_primitive::<Float64Type>().values()) {
            step.push(*units);
        }
    }
}

/// Takes in some rows of `demands.parquet`, in which every demand of the model stands once for each sample.
pub fn take_demands(rows: &RecordBatch, ids: &[String], demands: &mut Vec<OfDemand>) {
    let none = || OfDemand { unmet: Vec::new(), unmet_value: Vec::new(), first_short: Vec::new() };
    demands.resize_with(ids.len(), none);
    let demand = column(rows, "demand").as_string::<i32>();
    let number = |name| column(rows, name).as_primitive::<Float64Type>();
    let (unmet, unmet_value) = (number("unmet"), number("unmet_value"));
    let first = column(rows, "first_short").as_primitive::<Date32Type>();
    let positions: HashMap<&str, usize> = ids.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    for row in 0..rows.num_rows() {
        let at = positions[demand.value(row)];
        demands[at].unmet.push(unmet.value(row));
        demands[at].unmet_value.push(unmet_value.value(row));
        demands[at].first_short.push(first.is_valid(row).then(|| date(first.value(row))));
    }
}

fn column<'a>(rows: &'a RecordBatch, name: &str) -> &'a ArrayRef {
    rows.column_by_name(name).unwrap_or_else(|| panic!("a merged table has the column `{name}`"))
}

fn numbers(column: &ArrayRef) -> Vec<f64> {
    match column.as_primitive_opt::<Float64Type>() {
        Some(numbers) => numbers.values().to_vec(),
        None => column.as_primitive::<Date32Type>().values().iter().map(|days| f64::from(*days)).collect(),
    }
}

/// Of a count of days since 1970.
pub fn date(days: i32) -> Date {
    date_since_1970(i64::from(days))
}
