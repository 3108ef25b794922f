//! What is due in weeks to come.

/// Quantities by week and by what they are due to. As nothing is due later than so many weeks ahead, weeks take turns in a few
/// rows.
pub struct Due {
    weeks: usize,
    rows: usize,
    width: usize,
    /// The week that began last, and its row.
    now: (usize, usize),
    units: Vec<f64>,
}

impl Due {
    /// Nothing is due yet, and nothing ever will be more than so many weeks ahead, or after the last of the weeks.
    pub fn new(weeks: usize, ahead: usize, width: usize) -> Due {
        // Beside this week and those ahead, the week that is over: its row is the next to be used.
        let rows = ahead.min(weeks) + 2;
        Due { weeks, rows, width, now: (0, 0), units: vec![0.0; rows * width] }
    }

    /// Where the row of a week begins that is not over.
    fn row(&self, week: usize) -> usize {
        let (now, row) = self.now;
        let row = row + (week - now);
        (if row < self.rows { row } else { row - self.rows }) * self.width
    }

    /// What is due in a week.
    pub fn on(&self, week: usize) -> &[f64] {
        &self.units[self.row(week)..][..self.width]
    }

    pub fn on_mut(&mut self, week: usize) -> &mut [f64] {
        let row = self.row(week);
        &mut self.units[row..][..self.width]
    }

    /// Adds to what is due; what would be after the last week is never seen.
    pub fn add(&mut self, week: usize, to: usize, units: f64) {
        if week < self.weeks {
            let row = self.row(week);
            self.units[row + to] += units;
        }
    }

    /// A week begins: the one before makes room for one ahead.
    pub fn begin(&mut self, week: usize) {
        let (over, row) = self.now;
        if week > over {
            self.on_mut(over).fill(0.0);
            self.now = (week, if row + 1 < self.rows { row + 1 } else { 0 });
        }
    }

    /// Nothing is due to it any more.
    pub fn forget(&mut self, to: usize) {
        self.units[to..].iter_mut().step_by(self.width).for_each(|units| *units = 0.0);
    }
}
