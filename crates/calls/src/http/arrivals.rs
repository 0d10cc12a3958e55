//! Who is sending calls just now. What has not been taken in lies on the disk, not redacted yet, so that there is not any amount of it.

use kernel::Problem;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;
use web::Answer;

/// So many uploads at a time are on their way in or wait on the disk.
const ALL: usize = 16;
/// So many of them are one user's.
const EACH: usize = 4;
/// Seconds after which whoever finds no place comes again.
const LATER: u64 = 5;
/// How long an upload may be on its way: nobody keeps a place by sending a byte now and then. The largest usual one needs half a megabit a second.
const LONGEST: Duration = Duration::from_mins(30);

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

/// What arrives, if it does so before long.
///
/// # Errors
/// Those of what arrives; 400 where it takes too long.
pub(super) async fn in_time<T>(arriving: impl Future<Output = Answer<T>>) -> Answer<T> {
    within(LONGEST, arriving).await
}

async fn within<T>(longest: Duration, arriving: impl Future<Output = Answer<T>>) -> Answer<T> {
    let late = |_| Problem::bad_request("the upload took more than half an hour; send less at a time");
    tokio::time::timeout(longest, arriving).await.map_err(late)?
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
    async fn nobody_keeps_a_place_for_ever() {
        let never = std::future::pending::<Answer<()>>();
        assert_eq!(within(Duration::from_millis(1), never).await.unwrap_err().0.status, 400);
    }
}
