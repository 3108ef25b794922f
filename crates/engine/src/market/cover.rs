//! How much stock a desk wants: anticipation.
//!
//! > cover = C0 x (1 + h x max(0, expected price rise + f x chance of a cut)), at most `cover_most_weeks`, in weeks of use
//!
//! C0 is what the desk had at the start for what it used then, `cover_weeks` where `stocks.csv` gives no initial stock; h is
//! `hoarding`, f is `fear`. The expected rise is the recent one gone on for as long as it is remembered:
//! exp(trend x `price_memory_weeks`) - 1, at most 1. The chance of a cut is that of each supplier within `fear_weeks`, by the
//! share of orders it has: 1 for what is announced, the chance that a truce is not extended for what it holds off.
//! Source: METHODS section 1 (cover of 6 to 9 weeks at makers from the stoppages of May 2025); h and f assumed.

use super::network::Source;
use super::state::World;

impl World<'_> {
    /// How much each price is expected to rise.
    pub fn expect_rises(&mut self) {
        for (rise, trend) in self.rise.iter_mut().zip(&self.trend) {
            *rise = ((trend * self.behaviour.price_memory_weeks).exp() - 1.0).clamp(0.0, 1.0);
        }
    }

    /// Weeks of use.
    pub fn wanted_cover(&self, desk: usize, week: usize) -> f64 {
        let b = self.behaviour;
        let quiet = self.quiet_cover[desk];
        let rise = self.rise[self.market.priced[self.net.desks[desk].node]];
        let cut = self.controls.fear(week).map_or(0.0, |fear| {
            let of_line = |line: usize| match self.net.lines[line].source {
                Source::Lane { lane, .. } => self.share[line] * fear[lane],
                Source::Job { .. } => 0.0,
            };
            self.net.desks[desk].lines.clone().map(of_line).sum()
        });
        (quiet * (1.0 + b.hoarding * (rise + b.fear * cut))).min(b.cover_most_weeks.max(quiet))
    }
}
