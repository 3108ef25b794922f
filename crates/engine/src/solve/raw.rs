//! What the crate `highs` leaves to its C interface: bases, figures changed in place, ending a solve before it is done, and a program that stays
//! in HiGHS while its bounds change and rows are added ([`Held`]). The engine's one place with unsafe code.

use std::ffi::{CString, c_char, c_int, c_void};
use std::sync::atomic::{AtomicBool, Ordering};

use highs::{HighsModelStatus, HighsStatus, Model, SolvedModel};
use highs_sys::{
    Highs_addRow, Highs_changeColBounds, Highs_changeColsBoundsByRange, Highs_changeColsCostByRange,
    Highs_changeRowBounds, Highs_changeRowsBoundsByRange, Highs_clearSolver, Highs_create, Highs_destroy,
    Highs_getBasis, Highs_getDoubleInfoValue, Highs_getDualRay, Highs_getIntInfoValue, Highs_getModelStatus,
    Highs_getNumCols, Highs_getNumRows, Highs_getSolution, Highs_passMip, Highs_resetOptions, Highs_run,
    Highs_setBasis, Highs_setBoolOptionValue, Highs_setCallback, Highs_setDoubleOptionValue, Highs_setIntOptionValue,
    Highs_setStringOptionValue, Highs_startCallback, Highs_zeroAllClocks, HighsCallbackDataIn, HighsCallbackDataOut,
    HighsInt, kHighsBasisStatusBasic, kHighsBasisStatusLower, kHighsCallbackIpmInterrupt, kHighsCallbackMipInterrupt,
    kHighsCallbackSimplexInterrupt, kHighsMatrixFormatColwise, kHighsObjSenseMinimize, kHighsVarTypeContinuous,
    kHighsVarTypeInteger,
};

use super::linear::Linear;
use super::shelf::Scaled;

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
pub fn change(model: &mut Model, scaled: &Scaled) -> Result<(), HighsStatus> {
    let (columns, rows) = (model.num_cols(), model.num_rows());
    assert_eq!((scaled.costs.len(), scaled.row_lower.len()), (columns, rows));
    let last = |count: usize| count as HighsInt - 1;
    let Scaled { costs, lower, upper, row_lower, row_upper } = scaled;
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

impl Asked<'_> {
    /// Has HiGHS ask between two steps of each method.
    ///
    /// # Safety
    ///
    /// `highs` is alive, and solves no more after this has ended, unless it was told to ask nobody (`ask_nobody`).
    unsafe fn by(&self, highs: *mut c_void) {
        // SAFETY: as said above, `self` is there as long as HiGHS asks.
        unsafe {
            Highs_setCallback(highs, Some(ask), (&raw const *self).cast_mut().cast());
            for kind in [kHighsCallbackSimplexInterrupt, kHighsCallbackIpmInterrupt, kHighsCallbackMipInterrupt] {
                Highs_startCallback(highs, kind);
            }
        }
    }
}

/// Has HiGHS ask no more.
///
/// # Safety
///
/// `highs` is alive, and in the middle of nothing.
unsafe fn ask_nobody(highs: *mut c_void) {
    // SAFETY: as said above.
    unsafe { Highs_setCallback(highs, None, std::ptr::null_mut()) };
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
    // SAFETY: the model is alive, `asked` outlives the solve, and is forgotten after it. A model that is in trouble does not
    // come back, so nothing calls `ask` again there either.
    unsafe { asked.by(model.as_mut_ptr()) };
    let solved = model.try_solve()?;
    // SAFETY: HiGHS is not in the middle of anything.
    unsafe { ask_nobody(solved.as_ptr().cast_mut()) };
    Ok((!asked.stopped.load(Ordering::Relaxed)).then_some(solved))
}

/// A program that stays in HiGHS from solve to solve, with the basis of the last one. It is handed over as it is: who
/// wants it scaled does so before.
pub struct Held {
    highs: *mut c_void,
    columns: usize,
    rows: usize,
}

// SAFETY: HiGHS keeps all of an instance behind its pointer, which nobody else has, and shares nothing between instances
// but its pool of threads, which `threads = 1` leaves alone.
unsafe impl Send for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: the pointer is alive until here, and used by nobody afterwards.
        unsafe { Highs_destroy(self.highs) };
    }
}

impl Held {
    /// Hands a program over. `whole` says which columns take whole numbers only.
    pub fn new(program: &Linear, whole: &[bool]) -> Held {
        let (columns, rows) = (program.costs.len(), program.row_lower.len());
        let integer = |c: usize| whole.get(c).copied().unwrap_or(false);
        let kinds: Vec<HighsInt> =
            (0..columns).map(|c| if integer(c) { kHighsVarTypeInteger } else { kHighsVarTypeContinuous }).collect();
        let narrow = |list: &[usize]| list.iter().map(|n| *n as HighsInt).collect::<Vec<_>>();
        let (start, index) = (narrow(&program.start), narrow(&program.index));
        // SAFETY: each list is as long as HiGHS is told, and it keeps a copy of its own.
        let highs = unsafe {
            let highs = Highs_create();
            Highs_setBoolOptionValue(highs, text("output_flag").as_ptr(), 0);
            Highs_passMip(
                highs,
                columns as HighsInt,
                rows as HighsInt,
                index.len() as HighsInt,
                kHighsMatrixFormatColwise,
                kHighsObjSenseMinimize,
                program.constant,
                program.costs.as_ptr(),
                program.lower.as_ptr(),
                program.upper.as_ptr(),
                program.row_lower.as_ptr(),
                program.row_upper.as_ptr(),
                start.as_ptr(),
                index.as_ptr(),
                program.value.as_ptr(),
                if whole.iter().any(|w| *w) { kinds.as_ptr() } else { std::ptr::null() },
            );
            highs
        };
        let mut held = Held { highs, columns, rows };
        held.whole_option("threads", 1);
        held.word_option("parallel", "off");
        held
    }

    pub fn word_option(&mut self, name: &str, value: &str) {
        // SAFETY: both texts end with a zero and outlive the call.
        unsafe { Highs_setStringOptionValue(self.highs, text(name).as_ptr(), text(value).as_ptr()) };
    }

    pub fn number_option(&mut self, name: &str, value: f64) {
        // SAFETY: the text ends with a zero and outlives the call.
        unsafe { Highs_setDoubleOptionValue(self.highs, text(name).as_ptr(), value) };
    }

    pub fn whole_option(&mut self, name: &str, value: i32) {
        // SAFETY: the text ends with a zero and outlives the call.
        unsafe { Highs_setIntOptionValue(self.highs, text(name).as_ptr(), value) };
    }

    pub fn set_row(&mut self, row: usize, lower: f64, upper: f64) {
        assert!(row < self.rows);
        // SAFETY: the row is one of the program.
        unsafe { Highs_changeRowBounds(self.highs, row as HighsInt, lower, upper) };
    }

    pub fn set_column(&mut self, column: usize, lower: f64, upper: f64) {
        assert!(column < self.columns);
        // SAFETY: the column is one of the program.
        unsafe { Highs_changeColBounds(self.highs, column as HighsInt, lower, upper) };
    }

    /// Adds a row of (column, value).
    pub fn add_row(&mut self, lower: f64, upper: f64, entries: &[(usize, f64)]) {
        assert!(entries.iter().all(|(column, _)| *column < self.columns));
        let index: Vec<HighsInt> = entries.iter().map(|(column, _)| *column as HighsInt).collect();
        let value: Vec<f64> = entries.iter().map(|(_, value)| *value).collect();
        // SAFETY: both lists are as long as HiGHS is told, and it keeps a copy of its own.
        unsafe { Highs_addRow(self.highs, lower, upper, index.len() as HighsInt, index.as_ptr(), value.as_ptr()) };
        self.rows += 1;
    }

    /// Forgets the basis and all else that was found.
    pub fn forget(&mut self) {
        // SAFETY: HiGHS is not in the middle of anything.
        unsafe { Highs_clearSolver(self.highs) };
    }

    /// Solves, and says how that ended: with [`HighsModelStatus::ReachedInterrupt`] where `stop` said so.
    pub fn solve(&mut self, stop: &Stop) -> Result<HighsModelStatus, String> {
        let asked = Asked { stop, stopped: AtomicBool::new(false) };
        // SAFETY: `asked` outlives the solve and is forgotten after it.
        let (ran, status) = unsafe {
            asked.by(self.highs);
            let ran = Highs_run(self.highs);
            ask_nobody(self.highs);
            (ran, Highs_getModelStatus(self.highs))
        };
        if asked.stopped.load(Ordering::Relaxed) {
            return Ok(HighsModelStatus::ReachedInterrupt);
        }
        match HighsModelStatus::try_from(status) {
            Ok(status) if ran >= 0 => Ok(status),
            _ => Err(format!("the solver stopped short with status {status}")),
        }
    }

    /// Values of the columns and duals of the rows, as far as there are any.
    pub fn solution(&self) -> (Vec<f64>, Vec<f64>) {
        let (mut columns, mut duals) = (vec![0.0; self.columns], vec![0.0; self.rows]);
        let (mut costs, mut rows) = (vec![0.0; self.columns], vec![0.0; self.rows]);
        // SAFETY: each list is as long as HiGHS fills it.
        unsafe {
            Highs_getSolution(
                self.highs,
                columns.as_mut_ptr(),
                costs.as_mut_ptr(),
                rows.as_mut_ptr(),
                duals.as_mut_ptr(),
            );
        }
        (columns, duals)
    }

    /// A figure of the last solve by HiGHS's name for it, such as `mip_dual_bound`.
    pub fn figure(&self, name: &str) -> Option<f64> {
        let mut value = 0.0;
        // SAFETY: the text ends with a zero, and both outlive the call.
        let status = unsafe { Highs_getDoubleInfoValue(self.highs, text(name).as_ptr(), &mut value) };
        (status == 0).then_some(value)
    }

    /// The same for a figure that is a whole number.
    pub fn whole_figure(&self, name: &str) -> Option<i32> {
        let mut value = 0;
        // SAFETY: the text ends with a zero, and both outlive the call.
        let status = unsafe { Highs_getIntInfoValue(self.highs, text(name).as_ptr(), &mut value) };
        (status == 0).then_some(value)
    }

    /// Weights of the rows that prove that no numbers satisfy them all, up to their sign.
    pub fn dual_ray(&self) -> Option<Vec<f64>> {
        let (mut there, mut ray) = (0, vec![0.0; self.rows]);
        // SAFETY: the list is as long as the program has rows.
        let status = unsafe { Highs_getDualRay(self.highs, &mut there, ray.as_mut_ptr()) };
        (status == 0 && there != 0).then_some(ray)
    }
}

fn text(word: &str) -> CString {
    CString::new(word).expect("a name of HiGHS has no zero in it")
}
