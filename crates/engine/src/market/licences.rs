//! Licences: what waits before it may be sent, and what leaks.
//!
//! Under a control that asks for licences an order becomes an application. It waits `licence_wait_days`, rounded to weeks, and
//! then is granted with a chance of `grant_per_day` on each day; of many applications the share
//!
//! > g = 1 - (1 - grant_per_day)^7
//!
//! of those that have waited is granted in a week, and what is granted may be sent. How much passes in all is limited by the
//! control's shares as in SPEC. When the control ends or is suspended, what waits is ordered anew without.
//! Of what is blocked the control's `leakage` is sent all the same after `leakage_weeks`, within what SPEC lets pass: an aggregate.
//! Source: METHODS section 1 (30 to 45 days at least, 0.005 to 0.01 a day before June 2025, 0.03 after: fitted).

use super::state::World;

impl World<'_> {
    /// An order of a line becomes a claim on what there is in the week that comes next, or an application.
    pub fn apply(&mut self, line: usize, user: usize, lane: usize, order: f64, next: usize) {
        let control = self.controls.lane(next, lane);
        let leaks = self.leak_due.on(next)[line];
        let Some((wait, grant)) = control.licence else {
            if self.waiting[line] > 0.0 {
                self.forget(line);
            }
            self.claim[user] = order + leaks;
            return;
        };
        self.waiting[line] += order;
        self.sheet.waiting[lane] += self.waiting[line];
        self.ripe_due.add(next + wait, line, order);
        self.ripe[line] += std::mem::take(&mut self.ripe_due.on_mut(next)[line]);
        let granted = self.ripe[line] * grant;
        self.ripe[line] -= granted;
        self.licensed[line] += granted;
        self.claim[user] = self.licensed[line] + leaks;
    }

    /// Nothing waits any more.
    fn forget(&mut self, line: usize) {
        (self.waiting[line], self.ripe[line], self.licensed[line]) = (0.0, 0.0, 0.0);
        self.ripe_due.forget(line);
    }

    /// What a line sent of what it claimed.
    pub fn sent_by(&mut self, line: usize, user: usize, lane: usize, sent: f64, week: usize) {
        let control = self.controls.lane(week, lane);
        if control.licence.is_some() {
            let used = sent.min(self.licensed[line]);
            self.licensed[line] -= used;
            self.waiting[line] = (self.waiting[line] - used).max(0.0);
        }
        let asked = self.ordered[self.net.lines[line].desk] * self.share[line];
        if control.leakage > 0.0 {
            let blocked = (asked - sent).max(0.0);
            let later = week + self.behaviour.leakage_weeks.round() as usize;
            self.leak_due.add(later, line, control.leakage * blocked);
        }
        // A licence that does not come, or a lane that cannot carry more, is as bad as a delivery that does not.
        let wanted = self.claim[user].max(asked);
        self.judge(line, wanted, sent);
    }
}
