//! What the crate `highs` leaves to its C interface: bases. The one place with unsafe code.

use highs::{Model, SolvedModel};
use highs_sys::{
    Highs_getBasis, Highs_getNumCols, Highs_getNumRows, Highs_setBasis, HighsInt, kHighsBasisStatusBasic,
    kHighsBasisStatusLower,
};

/// Which columns and rows are basic and at which bound the others are, in the words of HiGHS.
#[derive(Clone, Debug)]
pub struct Basis {
    pub(super) columns: Vec<HighsInt>,
    pub(super) rows: Vec<HighsInt>,
}

/// At its lower bound.
pub(super) const AT_LOWER: HighsInt = kHighsBasisStatusLower;
pub(super) const BASIC: HighsInt = kHighsBasisStatusBasic;

/// The basis of an optimum; of an empty program an empty one.
pub fn basis(solved: &SolvedModel) -> Basis {
    let highs = solved.as_ptr();
    // SAFETY: `highs` is alive as long as `solved`, and both lists are as long as HiGHS says that it fills them.
    unsafe {
        let mut basis = Basis {
            columns: vec![0; Highs_getNumCols(highs) as usize],
            rows: vec![0; Highs_getNumRows(highs) as usize],
        };
        Highs_getBasis(highs, basis.columns.as_mut_ptr(), basis.rows.as_mut_ptr());
        basis
    }
}

/// Begins the next solve from a basis; HiGHS makes good what is not one of this program. Whether it takes it.
pub fn set_basis(model: &mut Model, basis: &Basis) -> bool {
    assert_eq!((basis.columns.len(), basis.rows.len()), (model.num_cols(), model.num_rows()));
    // SAFETY: both lists are as long as the program is, which HiGHS reads to the end.
    let status = unsafe { Highs_setBasis(model.as_mut_ptr(), basis.columns.as_ptr(), basis.rows.as_ptr()) };
    status == 0
}
