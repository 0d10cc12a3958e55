//! What goes wrong, by script.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What happens to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is not looked at and answered with this status and body.
    Answer(u16, String),
    /// It is answered as usual after this time.
    Delay(Duration),
    /// It is read and not looked at; then the connection is reset.
    Reset,
    /// It is done as usual, and the connection breaks off within the answer: after the head and half of the body, if there is one; else before
    /// the head.
    Cut,
}

/// The script: what happens to the next requests, and to all after them. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    next: VecDeque<Option<Fault>>,
    then: Option<Fault>,
}

impl Faults {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next `count` requests that nothing is scripted for yet have this fault.
    pub fn next(&self, count: usize, fault: &Fault) {
        self.script().next.extend(std::iter::repeat_n(Some(fault.clone()), count));
    }

    /// The next `count` requests that nothing is scripted for yet have none.
    pub fn pass(&self, count: usize) {
        self.script().next.extend(std::iter::repeat_n(None, count));
    }

    /// What happens to all requests after the scripted ones.
    pub fn then(&self, fault: Option<Fault>) {
        self.script().then = fault;
    }

    /// From now on nothing goes wrong.
    pub fn clear(&self) {
        *self.script() = Script::default();
    }

    /// The fault of the request at hand.
    pub(crate) fn take(&self) -> Option<Fault> {
        let mut script = self.script();
        match script.next.pop_front() {
            Some(fault) => fault,
            None => script.then.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_played_in_order_and_then_what_always_happens() {
        let faults = Faults::default();
        assert_eq!(faults.take(), None);
        faults.next(2, &Fault::Reset);
        faults.pass(1);
        faults.then(Some(Fault::Cut));
        let played: Vec<_> = (0..5).map(|_| faults.take()).collect();
        assert_eq!(played, [Some(Fault::Reset), Some(Fault::Reset), None, Some(Fault::Cut), Some(Fault::Cut)]);
        faults.clear();
        assert_eq!(faults.take(), None);
    }
}
