//! Which numbers a sample draws.
//!
//! Plainly, sample i is point i. For indices of inputs (Saltelli et al. 2010), two independent designs A and B of n
//! points each are run, and for each input the design A in which the numbers of that input alone come from B. Runs that
//! belong to one point stand together: A, B, then the inputs in their order.

use super::input::Input;
use super::spec::Spec;
use crate::points::{Points, PointsError};

/// The design of an ensemble.
pub struct Design {
    points: Points,
    variables: usize,
    /// By variable, the position of its input.
    input_of: Vec<usize>,
    /// Runs for each point.
    runs: usize,
}

/// What a run is in the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    A,
    B,
    /// A, but for the numbers of this input, which come from B.
    Redrawn(usize),
}

impl Design {
    pub fn new(spec: &Spec, inputs: &[Input]) -> Result<Design, PointsError> {
        let input_of: Vec<usize> =
            inputs.iter().enumerate().flat_map(|(i, input)| input.variables.clone().map(move |_| i)).collect();
        let (variables, runs) = (input_of.len(), if spec.indices { inputs.len() + 2 } else { 1 });
        let dimensions = if spec.indices { 2 * variables } else { variables };
        let points = Points::new(spec.sampler, spec.samples, dimensions, spec.seed)?;
        Ok(Design { points, variables, input_of, runs })
    }

    /// Runs in all.
    pub fn samples(&self) -> usize {
        self.points.samples() * self.runs
    }

    /// The point that a run belongs to, and what it is there.
    pub fn role(&self, sample: usize) -> (usize, Role) {
        let role = match sample % self.runs {
            0 => Role::A,
            1 => Role::B,
            n => Role::Redrawn(n - 2),
        };
        (sample / self.runs, role)
    }

    /// The share of all draws of a variable that lie below the one of a sample.
    pub fn share(&self, sample: usize, variable: usize) -> f64 {
        let (point, role) = self.role(sample);
        let from_b = match role {
            Role::A => false,
            Role::B => true,
            Role::Redrawn(input) => self.input_of[variable] == input,
        };
        self.points.at(point, if from_b { self.variables + variable } else { variable })
    }
}
