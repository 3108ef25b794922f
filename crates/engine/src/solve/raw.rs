//! What the crate `highs` leaves to its C interface: bases, changing figures in place, and ending a solve before it is done. The engine's one
//! place with unsafe code.

use std::ffi::{c_char, c_int, c_void};
use std::sync::atomic::{AtomicBool, Ordering};

use highs::{HighsStatus, Model, SolvedModel};
use highs_sys::{
    Highs_changeColsBoundsByRange, Highs_changeColsCostByRange, Highs_changeRowsBoundsByRange, Highs_clearSolver,
    Highs_getBasis, Highs_getNumCols, Highs_getNumRows, Highs_resetOptions, Highs_setBasis, Highs_setCallback,
    Highs_startCallback, Highs_zeroAllClocks, HighsCallbackDataIn, HighsCallbackDataOut, HighsInt,
    kHighsBasisStatusBasic, kHighsBasisStatusLower, kHighsCallbackIpmInterrupt, kHighsCallbackSimplexInterrupt,
};

use super::shelf::Figures;

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

/// Changes all costs, bounds and right-hand sides in place.
pub fn change(model: &mut Model, figures: &Figures) -> Result<(), HighsStatus> {
    let (columns, rows) = (model.num_cols(), model.num_rows());
    assert_eq!((figures.costs.len(), figures.row_lower.len()), (columns, rows));
    let last = |count: usize| count as HighsInt - 1;
    let Figures { costs, lower, upper, row_lower, row_upper } = figures;
    let highs = model.as_mut_ptr();
    let done = |status: c_int| HighsStatus::try_from(status).map(|_| ()).map_err(|_| HighsStatus::Error);
    if columns > 0 {
        // SAFETY: the lists are as long as there are columns, which HiGHS reads from the first to the last.
        done(unsafe { Highs_changeColsCostByRange(highs, 0, last(columns), costs.as_ptr()) })?;
        // SAFETY: as above.
        done(unsafe { Highs_changeColsBoundsByRange(highs, 0, last(columns), lower.as_ptr(), upper.as_ptr()) })?;
    }
    if rows > 0 {
        // SAFETY: the lists are as long as there are rows.
        done(unsafe { Highs_changeRowsBoundsByRange(highs, 0, last(rows), row_lower.as_ptr(), row_upper.as_ptr()) })?;
    }
    Ok(())
}

/// A model between two solves, which any thread may take up.
pub struct Idle(Model);

// SAFETY: HiGHS keeps all of a model in the model, and it is in one hand at a time.
unsafe impl Send for Idle {}

impl Idle {
    /// Forgets what was found: solution, basis, factors.
    pub fn new(mut model: Model) -> Idle {
        // SAFETY: `model` is alive, and in the middle of nothing.
        unsafe { Highs_clearSolver(model.as_mut_ptr()) };
        Idle(model)
    }

    /// With the options and clocks of a new one.
    pub fn wake(self) -> Model {
        let Idle(mut model) = self;
        // SAFETY: `model` is alive, and in the middle of nothing.
        unsafe {
            Highs_resetOptions(model.as_mut_ptr());
            Highs_zeroAllClocks(model.as_mut_ptr());
        }
        model.make_quiet();
        model
    }
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
