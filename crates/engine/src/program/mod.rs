//! The linear program of SPEC section 3, over the steps from a [`State`] to the end.
//!
//! Rows and columns are built family by family, one file each: `sites`, `lanes`, `stocks`,
//! `demands`, `reexport`, `terminal`. What a column or row stands for is kept with it
//! ([`Column`], [`Row`]), so that results are read off by meaning and never by position.
//! All quantities are in the model's own units; scaling for the solver is done in [`crate::solve`].

mod demands;
mod lanes;
pub mod mps;
mod reexport;
mod sites;
mod stocks;
mod terminal;

use coercivity_model::Model;

pub(crate) use self::demands::CATCH_UP;
use crate::policy::Policy;
use crate::space::{SlotId, Space};
use crate::state::State;

/// Position of a column or row in its list.
pub type ColumnId = usize;
pub type RowId = usize;

/// What a column stands for. Quantities are units in the step `step`, or at its end for stocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// Activity of a run (position in `Space::runs`).
    Activity { run: usize, step: usize },
    /// Units sent by a crossing (position in `Space::crossings`).
    Flow { crossing: usize, step: usize },
    /// Units treated as having more tags (position in `Space::relabels`).
    Relabel { relabel: usize, step: usize },
    /// Commercial stock in a slot at the end of a step.
    Stock { stock: usize, slot: SlotId, step: usize },
    /// Strategic stock at the end of a step.
    Strategic { stock: usize, step: usize },
    /// Strategic stock that leaves.
    Release { stock: usize, step: usize },
    /// Commercial stock missing below its target.
    Shortfall { stock: usize, step: usize },
    /// Units of a demand met by an option.
    Met { demand: usize, option: usize, step: usize },
    /// Units unmet, by tier (tier 0 for a demand that can be late).
    Unmet { demand: usize, tier: usize, step: usize },
    /// Units of backlog made good.
    CatchUp { demand: usize, step: usize },
    /// Units late at the end of a step.
    Backlog { demand: usize, step: usize },
    /// What may still be re-exported from a region after a step.
    Account { region: usize, product: usize, step: usize },
    /// Units of stock missing at the end, against the start.
    MissingStock { stock: usize },
    /// Units missing on a lane at the end, against the start.
    MissingOnLane { lane: usize },
    /// Value of outputs missing in a site at the end, against the start.
    MissingInSite { site: usize },
    /// Share of the last step that is lived through, where survival is asked for.
    Lasts,
}

/// What a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// Supply less use of a slot: at least 0 where units are kept (the difference is disposed of),
    /// 0 where they are drawn.
    Balance {
        slot: SlotId,
        step: usize,
    },
    /// Activity of a site: at most its capacity, at least its minimum.
    Capacity {
        site: usize,
        step: usize,
    },
    /// Whole flow of a lane: capacity, growth and controls, whichever is least.
    LaneLimit {
        lane: usize,
        step: usize,
    },
    /// Units that stay free of `civil` on a lane.
    FreeLimit {
        lane: usize,
        step: usize,
    },
    /// Units of a tag on a lane (`free`: those that stay free of `civil`).
    TaggedLimit {
        lane: usize,
        tag: u8,
        free: bool,
        step: usize,
    },
    /// All lanes of a quota together.
    Quota {
        measure: usize,
        step: usize,
    },
    /// Met and unmet add up to the amount.
    Demand {
        demand: usize,
        step: usize,
    },
    /// Largest share of an option, of a demand that can be late.
    OptionShare {
        demand: usize,
        option: usize,
        step: usize,
    },
    /// Backlog from step to step.
    Backlog {
        demand: usize,
        step: usize,
    },
    /// Stock of all tag sets: at most the capacity.
    StockCapacity {
        stock: usize,
        step: usize,
    },
    /// Stock and what is missing: at least the target.
    Target {
        stock: usize,
        step: usize,
    },
    /// Strategic stock from step to step.
    Strategic {
        stock: usize,
        step: usize,
    },
    /// Re-export account from step to step.
    Account {
        region: usize,
        product: usize,
        step: usize,
    },
    MissingStock {
        stock: usize,
    },
    MissingOnLane {
        lane: usize,
    },
    MissingInSite {
        site: usize,
    },
    /// All costs together, where solutions nearly as good as the best are looked for.
    Budget,
    /// What a column may be in the share of the last step that is lived through.
    Lasts {
        column: ColumnId,
    },
}

/// What a cost is for, as in `summary.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    Production,
    Transport,
    Duties,
    Holding,
    Shortfall,
    Options,
    Terminal,
    /// Value of unmet demand, late costs and the final backlog.
    Unmet,
}

impl Column {
    /// The step in which the column happens; `None` for what is missing at the end.
    pub fn step(self) -> Option<usize> {
        match self {
            Column::Activity { step, .. }
            | Column::Flow { step, .. }
            | Column::Relabel { step, .. }
            | Column::Stock { step, .. }
            | Column::Strategic { step, .. }
            | Column::Release { step, .. }
            | Column::Shortfall { step, .. }
            | Column::Met { step, .. }
            | Column::Unmet { step, .. }
            | Column::CatchUp { step, .. }
            | Column::Backlog { step, .. }
            | Column::Account { step, .. } => Some(step),
            Column::MissingStock { .. }
            | Column::MissingOnLane { .. }
            | Column::MissingInSite { .. }
            | Column::Lasts => None,
        }
    }

    /// What the column's cost is for (duties are kept apart, in [`Program::duties`]).
    pub fn cost(self) -> Cost {
        match self {
            Column::Activity { .. } => Cost::Production,
            Column::Flow { .. } => Cost::Transport,
            Column::Stock { .. } | Column::Strategic { .. } => Cost::Holding,
            Column::Shortfall { .. } => Cost::Shortfall,
            Column::Met { .. } => Cost::Options,
            Column::MissingStock { .. } | Column::MissingOnLane { .. } | Column::MissingInSite { .. } => Cost::Terminal,
            // The rest are units of demand, or cost nothing.
            _ => Cost::Unmet,
        }
    }
}

/// A linear program: minimise costs x columns, rows and columns within bounds.
#[derive(Clone)]
pub struct Program {
    pub columns: Vec<Column>,
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
    /// Discounted cost per unit, duties included.
    pub costs: Vec<f64>,
    /// The part of the cost that is duties.
    pub duties: Vec<f64>,
    pub rows: Vec<Row>,
    pub row_lower: Vec<f64>,
    pub row_upper: Vec<f64>,
    /// Entries by column: those of column c are `start[c]..start[c + 1]`.
    pub start: Vec<usize>,
    pub index: Vec<RowId>,
    pub value: Vec<f64>,
    /// Costs that no decision changes: holding strategic stock that nothing releases.
    pub constant: f64,
}

impl Program {
    /// Builds the program of a policy from a state on.
    pub fn new(model: &Model, space: &Space, policy: &Policy, state: &State) -> Program {
        let mut b = Builder::new(model, space, policy, state);
        for step in b.first..b.steps {
            sites::add(&mut b, step);
            lanes::add(&mut b, step);
            stocks::add(&mut b, step);
            demands::add(&mut b, step);
        }
        for way in &state.under_way {
            if let Some(slot) = way.slot.filter(|_| way.due < b.steps) {
                b.give(slot, way.due, way.quantity);
            }
        }
        reexport::add(&mut b);
        terminal::add(&mut b);
        b.finish()
    }

    pub fn entries(&self) -> usize {
        self.index.len()
    }
}

/// A program under construction.
struct Builder<'a> {
    model: &'a Model,
    space: &'a Space,
    policy: &'a Policy,
    state: &'a State,
    first: usize,
    steps: usize,
    /// D: years per step.
    years: f64,
    columns: Vec<Column>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    costs: Vec<f64>,
    duties: Vec<f64>,
    rows: Vec<Row>,
    row_lower: Vec<f64>,
    row_upper: Vec<f64>,
    /// (row, column, value) in the order of making.
    entries: Vec<(RowId, ColumnId, f64)>,
    constant: f64,
    /// Ways of the space by what they belong to, so that families need not search.
    runs_of_site: Vec<Vec<usize>>,
    crossings_of_lane: Vec<Vec<usize>>,
    /// Column of each stock and slot in the step before.
    stock_before: Vec<Vec<ColumnId>>,
    strategic_before: Vec<Option<ColumnId>>,
    backlog_before: Vec<Option<ColumnId>>,
    /// Amounts a year that the demands have reached so far.
    largest_amount: Vec<f64>,
}

impl<'a> Builder<'a> {
    fn new(model: &'a Model, space: &'a Space, policy: &'a Policy, state: &'a State) -> Builder<'a> {
        let mut runs_of_site = vec![Vec::new(); model.sites.len()];
        for (r, run) in space.runs.iter().enumerate() {
            runs_of_site[run.site].push(r);
        }
        let mut crossings_of_lane = vec![Vec::new(); model.lanes.len()];
        for (c, crossing) in space.crossings.iter().enumerate() {
            crossings_of_lane[crossing.lane].push(c);
        }
        let mut b = Builder {
            model,
            space,
            policy,
            state,
            first: state.step,
            steps: model.steps(),
            years: model.calendar.years_per_step(),
            columns: Vec::new(),
            lower: Vec::new(),
            upper: Vec::new(),
            costs: Vec::new(),
            duties: Vec::new(),
            rows: Vec::new(),
            row_lower: Vec::new(),
            row_upper: Vec::new(),
            entries: Vec::new(),
            constant: 0.0,
            runs_of_site,
            crossings_of_lane,
            stock_before: vec![Vec::new(); model.stocks.len()],
            strategic_before: vec![None; model.stocks.len()],
            backlog_before: vec![None; model.demands.len()],
            largest_amount: state.largest_amount.clone(),
        };
        // Balances come first, so that every family can write into them.
        for step in b.first..b.steps {
            for slot in 0..space.slots.len() {
                // Units are disposed of where they are kept; what comes to a slot to draw from is drawn.
                let disposed = if space.slots[slot].kept { f64::INFINITY } else { 0.0 };
                b.row(Row::Balance { slot, step }, 0.0, disposed);
            }
            for relabel in 0..space.relabels.len() {
                let column = b.column(Column::Relabel { relabel, step }, f64::INFINITY, 0.0);
                let (from, to) = space.relabels[relabel];
                b.take(from, step, column, 1.0);
                b.put(to, step, column, 1.0);
            }
        }
        b
    }

    /// (1 + r)^(-tD) for the start of step `step`; `steps` gives the end of the run.
    fn discount(&self, step: usize) -> f64 {
        (1.0 + self.model.discount_rate).powf(-(step as f64) * self.years)
    }

    fn column(&mut self, column: Column, upper: f64, cost: f64) -> ColumnId {
        self.columns.push(column);
        self.lower.push(0.0);
        self.upper.push(upper);
        self.costs.push(cost);
        self.duties.push(0.0);
        self.columns.len() - 1
    }

    fn row(&mut self, row: Row, lower: f64, upper: f64) -> RowId {
        self.rows.push(row);
        self.row_lower.push(lower);
        self.row_upper.push(upper);
        self.rows.len() - 1
    }

    fn entry(&mut self, row: RowId, column: ColumnId, value: f64) {
        // A share of 0, say of imports that may leave again, is no entry.
        if value != 0.0 {
            self.entries.push((row, column, value));
        }
    }

    fn balance(&self, slot: SlotId, step: usize) -> RowId {
        (step - self.first) * self.space.slots.len() + slot
    }

    /// A column takes units out of a slot.
    fn take(&mut self, slot: SlotId, step: usize, column: ColumnId, units: f64) {
        self.entry(self.balance(slot, step), column, -units);
    }

    /// A column puts units into a slot.
    fn put(&mut self, slot: SlotId, step: usize, column: ColumnId, units: f64) {
        self.entry(self.balance(slot, step), column, units);
    }

    /// Units come to a slot whatever is decided.
    fn give(&mut self, slot: SlotId, step: usize, units: f64) {
        let row = self.balance(slot, step);
        self.row_lower[row] -= units;
    }

    /// The sum of columns is at most `limit`: a bound where there is one column, else a row.
    fn at_most(&mut self, row: Row, columns: &[ColumnId], limit: f64) {
        match columns {
            [] => {}
            [only] => self.upper[*only] = self.upper[*only].min(limit),
            _ => {
                let row = self.row(row, f64::NEG_INFINITY, limit);
                columns.iter().for_each(|c| self.entry(row, *c, 1.0));
            }
        }
    }

    /// Drops rows without entries and sorts the entries by column.
    fn finish(self) -> Program {
        let mut used = vec![false; self.rows.len()];
        for (row, _, _) in &self.entries {
            used[*row] = true;
        }
        let mut renumbered = vec![usize::MAX; self.rows.len()];
        let (mut rows, mut row_lower, mut row_upper) = (Vec::new(), Vec::new(), Vec::new());
        for row in (0..self.rows.len()).filter(|row| used[*row]) {
            renumbered[row] = rows.len();
            rows.push(self.rows[row]);
            row_lower.push(self.row_lower[row]);
            row_upper.push(self.row_upper[row]);
        }
        let mut start = vec![0; self.columns.len() + 1];
        for (_, column, _) in &self.entries {
            start[column + 1] += 1;
        }
        for column in 0..self.columns.len() {
            start[column + 1] += start[column];
        }
        let mut next = start.clone();
        let mut index = vec![0; self.entries.len()];
        let mut value = vec![0.0; self.entries.len()];
        for (row, column, entry) in &self.entries {
            index[next[*column]] = renumbered[*row];
            value[next[*column]] = *entry;
            next[*column] += 1;
        }
        Program {
            columns: self.columns,
            lower: self.lower,
            upper: self.upper,
            costs: self.costs,
            duties: self.duties,
            rows,
            row_lower,
            row_upper,
            start,
            index,
            value,
            constant: self.constant,
        }
    }
}
