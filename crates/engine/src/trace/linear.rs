//! Linear systems of shares: x = Q x + r, where what a row passes on and what leaves it add up to 1.
//!
//! A walk over the rows: from row i to row j with the share q[i][j], out of them with the share leave[i]. Rows are
//! taken out one by one, and what went through them goes on directly (Grassmann, Taksar and Heyman 1985). Nothing is
//! subtracted, so that each share is right to the last digits even where a walk goes round a million times.

/// (name, share), sorted, one entry a name.
pub type Shares = Vec<(usize, f64)>;

/// Shares below this are left out.
const LITTLE: f64 = 1e-13;

/// Sorted, with one entry a name.
pub fn merged(mut list: Shares) -> Shares {
    // Stable, so that sums are taken in the order in which they were added.
    list.sort_by_key(|(name, _)| *name);
    list.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    list.retain(|(_, share)| *share > LITTLE);
    list
}

/// A system under construction.
pub struct System {
    q: Vec<Vec<f64>>,
    leave: Vec<f64>,
    r: Vec<Shares>,
}

impl System {
    pub fn new(rows: usize) -> System {
        System { q: vec![vec![0.0; rows]; rows], leave: vec![0.0; rows], r: vec![Shares::new(); rows] }
    }

    /// This share of a row is what another row is.
    pub fn pass(&mut self, row: usize, to: usize, share: f64) {
        self.q[row][to] += share;
    }

    /// This share of a row is known.
    pub fn leave(&mut self, row: usize, share: f64, known: &[(usize, f64)]) {
        self.leave[row] += share;
        self.add(row, share, known);
    }

    /// What is known of a row beside.
    pub fn add(&mut self, row: usize, share: f64, known: &[(usize, f64)]) {
        self.r[row].extend(known.iter().map(|(name, part)| (*name, part * share)));
    }

    /// The rows' shares; `None` where some rows pass on to each other and nothing leaves them.
    pub fn solve(self) -> Option<Vec<Shares>> {
        let System { mut q, mut leave, mut r } = self;
        let rows = leave.len();
        let mut out = vec![0.0; rows];
        for k in (0..rows).rev() {
            let (before, own) = q.split_at_mut(k);
            let onward = &own[0][..k];
            out[k] = onward.iter().sum::<f64>() + leave[k];
            if out[k] <= 0.0 {
                return None;
            }
            let known = merged(std::mem::take(&mut r[k]));
            for (i, row) in before.iter_mut().enumerate().filter(|(_, row)| row[k] > 0.0) {
                let part = row[k] / out[k];
                row.iter_mut().zip(onward).for_each(|(share, more)| *share += part * more);
                leave[i] += part * leave[k];
                r[i].extend(known.iter().map(|(name, share)| (*name, part * share)));
            }
            r[k] = known;
        }
        let mut solved: Vec<Shares> = Vec::with_capacity(rows);
        for (k, mut own) in r.into_iter().enumerate() {
            for (j, before) in solved.iter().enumerate().filter(|(j, _)| q[k][*j] > 0.0) {
                own.extend(before.iter().map(|(name, share)| (*name, q[k][j] * share)));
            }
            own.iter_mut().for_each(|(_, share)| *share /= out[k]);
            solved.push(merged(own));
        }
        Some(solved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: &Shares, wanted: &[(usize, f64)]) {
        assert_eq!(found.len(), wanted.len(), "{found:?}");
        for ((a, share), (b, right)) in found.iter().zip(wanted) {
            assert!(a == b && (share - right).abs() < 1e-14, "{found:?} and not {wanted:?}");
        }
    }

    #[test]
    fn a_gambler_with_three_coins_of_ten() {
        // Rows are 1 to 9 coins, a fair game: with k coins all ten are won with k / 10.
        let mut system = System::new(9);
        for row in 0..9_usize {
            for (win, to) in [(1, row + 1), (0, row.wrapping_sub(1))] {
                match to {
                    0..9 => system.pass(row, to, 0.5),
                    _ => system.leave(row, 0.5, &[(win, 1.0)]),
                }
            }
        }
        let solved = system.solve().unwrap();
        for (row, shares) in solved.iter().enumerate() {
            let win = (row + 1) as f64 / 10.0;
            close(shares, &[(0, 1.0 - win), (1, win)]);
        }
    }

    #[test]
    fn two_rows_that_leak() {
        // x0 = x1 / 2 + a / 2, x1 = x0 / 2 + b / 2: two thirds and one third.
        let mut system = System::new(2);
        for row in 0..2 {
            system.pass(row, 1 - row, 0.5);
            system.leave(row, 0.5, &[(row, 1.0)]);
        }
        let solved = system.solve().unwrap();
        close(&solved[0], &[(0, 2.0 / 3.0), (1, 1.0 / 3.0)]);
        close(&solved[1], &[(0, 1.0 / 3.0), (1, 2.0 / 3.0)]);
    }

    #[test]
    fn a_walk_that_goes_round_a_billion_times_is_right_to_the_last_digits() {
        let leak = 1e-9;
        let mut system = System::new(3);
        system.pass(0, 1, 1.0);
        system.pass(1, 2, 1.0);
        system.pass(2, 0, 1.0 - 4.0 * leak);
        system.leave(2, leak, &[(0, 1.0)]);
        system.leave(2, 3.0 * leak, &[(1, 1.0)]);
        for shares in system.solve().unwrap() {
            close(&shares, &[(0, 0.25), (1, 0.75)]);
        }
    }

    #[test]
    fn a_row_that_goes_round_in_itself_is_what_enters_it() {
        let mut system = System::new(1);
        system.pass(0, 0, 0.99);
        system.leave(0, 0.004, &[(7, 1.0)]);
        system.leave(0, 0.006, &[(8, 1.0)]);
        close(&system.solve().unwrap()[0], &[(7, 0.4), (8, 0.6)]);
    }

    #[test]
    fn rows_that_nothing_leaves_have_no_answer() {
        let mut system = System::new(3);
        system.pass(0, 1, 1.0);
        system.pass(1, 0, 1.0);
        system.pass(2, 0, 0.5);
        system.leave(2, 0.5, &[(0, 1.0)]);
        assert!(system.solve().is_none());
    }
}
