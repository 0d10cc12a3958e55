//! Who is sending calls just now. What has not been taken in lies on the disk, not redacted yet, so that there is not any amount of it.

use kernel::Problem;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;
use web::Answer;

/// So many uploads at a time are on their way in or wait on the disk.
const ALL: usize = 16;
/// So many of them are one user's.
const EACH: usize = 4;
/// Seconds after which whoever finds no place comes again.
const LATER: u64 = 5;
/// How long an upload may be on its way beside the time that its bytes take: nobody keeps a place by sending one now and then.
const PATIENCE: Duration = Duration::from_mins(1);
/// Bytes a second that it comes with at least: four hundred kilobits.
const SLOWEST: f64 = 50_000.0;

/// The places for uploads. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Arrivals {
    all: Arc<Semaphore>,
    each: Arc<Mutex<HashMap<Uuid, usize>>>,
}

/// A place for one upload, which is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    user: Uuid,
    each: Arc<Mutex<HashMap<Uuid, usize>>>,
    _one: OwnedSemaphorePermit,
}

fn lock(each: &Mutex<HashMap<Uuid, usize>>) -> MutexGuard<'_, HashMap<Uuid, usize>> {
    each.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Arrivals {
    pub(super) fn new() -> Self {
        Self { all: Arc::new(Semaphore::new(ALL)), each: Arc::default() }
    }

    /// A place for an upload of this user.
    ///
    /// # Errors
    /// 429 where the user has several on their way, or all together have many.
    pub(super) fn place(&self, user: Uuid) -> Answer<Place> {
        let mut each = lock(&self.each);
        if each.get(&user).is_some_and(|count| *count >= EACH) {
            let why = format!("{EACH} of your uploads are on their way; send this one when one of them is through");
            return Err(Problem::too_many(why, LATER).into());
        }
        let Ok(one) = Arc::clone(&self.all).try_acquire_owned() else {
            return Err(Problem::too_many("many uploads are on their way; try again in some seconds", LATER).into());
        };
        *each.entry(user).or_default() += 1;
        Ok(Place { user, each: Arc::clone(&self.each), _one: one })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut each = lock(&self.each);
        if let Some(count) = each.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                each.remove(&self.user);
            }
        }
    }
}

/// Whether an upload comes as fast as it has to.
#[derive(Debug)]
pub(super) struct Pace {
    until: Instant,
}

impl Pace {
    /// From now on.
    pub(super) fn begin() -> Self {
        Self { until: Instant::now() + PATIENCE }
    }

    /// So many bytes have come.
    pub(super) fn more(&mut self, bytes: usize) {
        self.until += Duration::from_secs_f64(bytes as f64 / SLOWEST);
    }

    /// What comes next.
    ///
    /// # Errors
    /// 400 where it is too late.
    pub(super) async fn keep<T>(&self, coming: impl Future<Output = T>) -> Answer<T> {
        let late = |_| Problem::bad_request("the upload comes too slowly; try again over a better line");
        Ok(timeout_at(self.until, coming).await.map_err(late)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_places_are_one_users_and_more_are_for_all() {
        let arrivals = Arrivals::new();
        let user = |n: u128| Uuid::from_u128(n);
        let place = |n: u128| arrivals.place(user(n));
        let mut taken: Vec<Place> = (0..EACH).map(|_| place(1).unwrap()).collect();
        let problem = place(1).unwrap_err().0;
        assert_eq!((problem.status, problem.retry_after), (429, Some(LATER)));
        taken.extend((EACH..ALL).map(|n| place(n as u128).unwrap()));
        assert_eq!(place(99).unwrap_err().0.status, 429, "all places are taken");
        taken.remove(0);
        taken.push(place(1).unwrap());
        taken.clear();
        assert!(lock(&arrivals.each).is_empty(), "nobody is remembered who sends nothing");
        assert_eq!(arrivals.all.available_permits(), ALL);
    }

    #[tokio::test]
    async fn nobody_keeps_a_place_by_a_byte_now_and_then() {
        let tick = || tokio::time::sleep(Duration::from_millis(4));
        let soon = || Pace { until: Instant::now() + Duration::from_millis(20) };
        let mut pace = soon();
        let mut kept = 0;
        let problem = loop {
            match pace.keep(tick()).await {
                Ok(()) => pace.more(1),
                Err(problem) => break problem.0,
            }
            kept += 1;
        };
        assert_eq!(problem.status, 400);
        assert!((1..=5).contains(&kept), "{kept}");
        // Who has sent a megabyte has twenty seconds more.
        let mut pace = soon();
        pace.more(1_000_000);
        for _ in 0..10 {
            pace.keep(tick()).await.unwrap();
        }
        assert!(pace.until - Instant::now() > Duration::from_secs(19));
    }
}
