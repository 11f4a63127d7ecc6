//! The functions that the page calls. JavaScript reads and writes the memory itself, so no Rust
//! code here dereferences a pointer.

#![allow(
    unsafe_code,
    reason = "exported names must be unmangled, which Rust calls unsafe"
)]

use std::cell::RefCell;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::Outcome;

#[derive(Default)]
struct State {
    input: Zeroizing<Vec<u8>>,
    outcome: Option<Outcome>,
    output: Vec<u8>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Reserves the input and returns its address; the page writes the fields there.
// SAFETY: no other function of this name is linked: dependencies export none.
#[unsafe(no_mangle)]
pub extern "C" fn reserve_input(length: usize) -> *mut u8 {
    STATE.with_borrow_mut(|state| {
        state.input = Zeroizing::new(vec![0; length]);
        state.input.as_mut_ptr()
    })
}

/// Examines the input at a time in seconds since 1970, then wipes it.
// SAFETY: as above.
#[unsafe(no_mangle)]
pub extern "C" fn examine(unix_seconds: f64) {
    STATE.with_borrow_mut(|state| {
        let input = std::mem::take(&mut state.input);
        // Every time of a clock in JavaScript is an integer of this size.
        #[allow(clippy::cast_possible_truncation)]
        let seconds = unix_seconds as i64;
        state.outcome = Some(Outcome::of_input(&input, seconds));
    });
}

/// Writes the reports as JSON and returns their address. The page measures the time, because this
/// target has no clock.
// SAFETY: as above.
#[unsafe(no_mangle)]
pub extern "C" fn write_output(milliseconds: f64) -> *const u8 {
    STATE.with_borrow_mut(|state| {
        let elapsed = Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default();
        let outcome = state.outcome.as_ref();
        state.output = outcome
            .map(|outcome| outcome.to_json(elapsed).into_bytes())
            .unwrap_or_default();
        state.output.as_ptr()
    })
}

/// Length of the reports.
// SAFETY: as above.
#[unsafe(no_mangle)]
pub extern "C" fn output_length() -> usize {
    STATE.with_borrow(|state| state.output.len())
}
