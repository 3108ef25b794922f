//! What the crate `highs` leaves to its C interface: bases, and ending a solve before it is done. The engine's one
//! place with unsafe code.

use std::ffi::{c_char, c_int, c_void};
use std::sync::atomic::{AtomicBool, Ordering};

use highs::{HighsStatus, Model, SolvedModel};
use highs_sys::{
    Highs_getBasis, Highs_getNumCols, Highs_getNumRows, Highs_setBasis, Highs_setCallback, Highs_startCallback,
    HighsCallbackDataIn, HighsCallbackDataOut, HighsInt, kHighsBasisStatusBasic, kHighsBasisStatusLower,
    kHighsCallbackIpmInterrupt, kHighsCallbackSimplexInterrupt,
};

/// Whether a solve shall end before it is done. It is asked some thousand times a second, maybe from another thread.
pub type Stop<'a> = dyn Fn() -> bool + Sync + 'a;

/// Which columns and rows are basic and at which bound the others are, in the words of HiGHS.
#[derive(Clone, Debug)]
pub struct Basis {
    pub(super) columns: Vec<HighsInt>,
    pub(super) rows: Vec<HighsInt>,
}

impl Basis {
    /// Of a program that no solver saw.
    pub fn none() -> Basis {
        Basis { columns: Vec::new(), rows: Vec::new() }
    }
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

/// What a solve asks, and what it was told.
struct Asked<'a> {
    stop: &'a Stop<'a>,
    stopped: AtomicBool,
}

/// HiGHS calls this between two steps of a method.
unsafe extern "C" fn ask(
    _kind: c_int,
    _message: *const c_char,
    _known: *const HighsCallbackDataOut,
    answer: *mut HighsCallbackDataIn,
    asked: *mut c_void,
) {
    // SAFETY: HiGHS passes on the pointer that `solve` gave it, and calls only while `solve` runs.
    let asked = unsafe { &*asked.cast::<Asked>() };
    if (asked.stop)() {
        asked.stopped.store(true, Ordering::Relaxed);
        // SAFETY: `answer` is HiGHS's own, alive during the call, and read after it.
        unsafe { (*answer).user_interrupt = 1 };
    }
}

/// Solves, unless `stop` says before the end that it shall not: then `None`.
pub fn solve(mut model: Model, stop: &Stop) -> Result<Option<SolvedModel>, HighsStatus> {
    let asked = Asked { stop, stopped: AtomicBool::new(false) };
    let highs = model.as_mut_ptr();
    // SAFETY: `highs` is alive; what is passed on to `ask` outlives the solve, and is forgotten after it. A model that
    // is in trouble does not come back, so nothing calls `ask` again there either.
    unsafe {
        Highs_setCallback(highs, Some(ask), (&raw const asked).cast_mut().cast());
        Highs_startCallback(highs, kHighsCallbackSimplexInterrupt);
        Highs_startCallback(highs, kHighsCallbackIpmInterrupt);
    }
    let solved = model.try_solve()?;
    // SAFETY: HiGHS is not in the middle of anything.
    unsafe { Highs_setCallback(solved.as_ptr().cast_mut(), None, std::ptr::null_mut()) };
    Ok((!asked.stopped.load(Ordering::Relaxed)).then_some(solved))
}
