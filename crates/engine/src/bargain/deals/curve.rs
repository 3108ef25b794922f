//! Deals of two players where a frontier is given as a curve and not as packages.

/// What the second player gets at most as a function of what the first gets, from `no_deal` on: falling, and bent
/// outwards (concave).
pub struct Curve<F> {
    frontier: F,
    /// What both get where talks fail.
    no_deal: [f64; 2],
    /// The most that the first can get with the second losing nothing.
    most: f64,
}

/// What both get.
pub type Point = [f64; 2];

/// Halvings of an interval after which it is as narrow as numbers get.
const HALVINGS: usize = 200;

impl<F: Fn(f64) -> f64> Curve<F> {
    /// A frontier between what the first has without a deal and `most`. `None` where these numbers are not finite or
    /// not in this order, or where the frontier at the first is not above what the second has without a deal.
    ///
    /// ```
    /// use coercivity_engine::bargain::Curve;
    /// let curve = Curve::new(|u| 1.0 - u * u, [0.0, 0.0], 1.0).unwrap();
    /// let near = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).abs() < 1e-6 && (a[1] - b[1]).abs() < 1e-6;
    /// assert!(near(curve.nash(), [0.577350, 0.666667]));
    /// assert!(near(curve.kalai_smorodinsky(), [0.618034, 0.618034]));
    /// ```
    pub fn new(frontier: F, no_deal: [f64; 2], most: f64) -> Option<Curve<F>> {
        let known = no_deal.iter().chain([&most]).all(|v| v.is_finite()) && no_deal[0] < most;
        let curve = Curve { frontier, no_deal, most };
        (known && (curve.frontier)(no_deal[0]) > no_deal[1]).then_some(curve)
    }

    /// The largest product of gains.
    pub fn nash(&self) -> Point {
        // The product rises to its top and falls from there: of two points inside, the worse ends the interval.
        let product = |u: f64| (u - self.no_deal[0]) * ((self.frontier)(u) - self.no_deal[1]);
        let (mut low, mut high) = (self.no_deal[0], self.most);
        for _ in 0..HALVINGS {
            let (left, right) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
            if product(left) < product(right) {
                low = left;
            } else {
                high = right;
            }
        }
        self.at((low + high) / 2.0)
    }

    /// Gains in proportion to the most that each could gain.
    pub fn kalai_smorodinsky(&self) -> Point {
        let second = (self.frontier)(self.no_deal[0]) - self.no_deal[1];
        self.where_gains_are(second / (self.most - self.no_deal[0]))
    }

    /// Equal gains.
    pub fn egalitarian(&self) -> Point {
        self.where_gains_are(1.0)
    }

    fn at(&self, first: f64) -> Point {
        [first, (self.frontier)(first)]
    }

    /// Where the second gains `times` as much as the first.
    fn where_gains_are(&self, times: f64) -> Point {
        let (mut low, mut high) = (self.no_deal[0], self.most);
        for _ in 0..HALVINGS {
            let middle = low + (high - low) / 2.0;
            if (self.frontier)(middle) - self.no_deal[1] > times * (middle - self.no_deal[0]) {
                low = middle;
            } else {
                high = middle;
            }
        }
        self.at(low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_frontier() {
        // u2 = 6 - 2 u1 from (1, 0): gains x and 4 - 2x; Nash and Kalai-Smorodinsky halve, equal gains are 4/3.
        let curve = Curve::new(|u| 6.0 - 2.0 * u, [1.0, 0.0], 3.0).unwrap();
        for (point, expected) in
            [(curve.nash(), 2.0), (curve.kalai_smorodinsky(), 2.0), (curve.egalitarian(), 7.0 / 3.0)]
        {
            assert!((point[0] - expected).abs() < 1e-7 && (point[1] - (6.0 - 2.0 * expected)).abs() < 1e-6);
        }
        assert!(Curve::new(|u| 6.0 - 2.0 * u, [3.0, 0.0], 3.0).is_none());
        assert!(Curve::new(|_| f64::NAN, [0.0, 0.0], 3.0).is_none());
    }
}
