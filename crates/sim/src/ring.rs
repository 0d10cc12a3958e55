//! Webhooks: whoever has a rule is told of each call as it finishes.

use crate::judge::Dice;
use crate::signing::{Delivery, How, Signing};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Deliveries that are on their way at a time.
const LINES: usize = 8;

/// How often it is looked whether calls have finished.
const LOOK: Duration = Duration::from_millis(20);

/// A rule that fires a webhook for every call.
#[derive(Debug, Clone)]
pub struct Ring {
    /// Where it is sent.
    pub url: String,
    /// How it is signed.
    pub signing: Signing,
    /// Whether it fires by itself as calls finish; otherwise by [`crate::Gong::ring`] and its like alone.
    pub by_itself: bool,
    /// Whether all of it is for testing; Fireflies does not know this.
    pub is_test: bool,
    /// Whether a delivery has a `gong_webhook_id`, the same each time it is sent. Gong's have none; Fireflies does not know this.
    pub ids: bool,
    /// The share of deliveries that are sent once more after they were taken: half of them at once, half of them `later`.
    pub duplicates: f64,
    /// When the late ones of the duplicates are sent, in real time.
    pub later: Duration,
    /// The share of calls for which somebody else sends a delivery too, which is not genuine; once.
    pub forged: f64,
    /// How often a delivery is sent again that was not answered by a status of 200 to 299.
    pub retries: u32,
    /// How long it rests before each of these, in real time.
    pub pause: Duration,
    /// How long it waits for an answer, in real time.
    pub patience: Duration,
}

impl Ring {
    /// Rings this address, signed so, and does nothing odd: no duplicate, nothing forged; a delivery that is not taken is sent again after a
    /// second, sixty times.
    pub fn new(url: impl Into<String>, signing: Signing) -> Self {
        Self {
            url: url.into(),
            signing,
            by_itself: true,
            is_test: false,
            ids: false,
            duplicates: 0.0,
            later: Duration::from_secs(2),
            forged: 0.0,
            retries: 60,
            pause: Duration::from_secs(1),
            patience: Duration::from_secs(10),
        }
    }
}

/// A delivery that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// The id of the call that it tells of.
    pub call: String,
    /// What the receiver answered; `None` where it did not.
    pub status: Option<u16>,
    /// The how-manieth time this is that the delivery was sent until it was taken, from 1.
    pub attempt: u32,
    /// Whether it was taken before.
    pub duplicate: bool,
    /// Whether it is somebody else's.
    pub forged: bool,
}

impl Rung {
    /// Whether the receiver took it.
    pub fn is_taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Who is told, and what was sent.
#[derive(Debug)]
pub(crate) struct Board {
    ring: Mutex<Option<Ring>>,
    rung: Mutex<Vec<Rung>>,
    client: OnceLock<reqwest::Client>,
    lines: Semaphore,
}

impl Board {
    pub(crate) fn new(ring: Option<Ring>) -> Self {
        Self { ring: Mutex::new(ring), rung: Mutex::default(), client: OnceLock::new(), lines: Semaphore::new(LINES) }
    }

    pub(crate) fn ring(&self) -> Option<Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_ring(&self, ring: Option<Ring>) {
        *self.ring.lock().unwrap_or_else(PoisonError::into_inner) = ring;
    }

    pub(crate) fn rung(&self) -> Vec<Rung> {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn client(&self) -> &reqwest::Client {
        self.client.get_or_init(|| reqwest::Client::builder().no_proxy().build().expect("a client of HTTP"))
    }
}

/// A service that rings.
pub(crate) trait Bell: Send + Sync + 'static {
    /// Who is told, and what was sent.
    fn board(&self) -> &Board;

    /// How many calls are to be told of by now: those below this number.
    fn due(&self) -> u32;

    /// The dice of what goes wrong on the way of a call.
    fn dice(&self, number: u32) -> Dice;

    /// A delivery of a call, whether it is due or not.
    fn delivery(&self, ring: &Ring, number: u32, how: How) -> Delivery;

    /// The headers of a delivery that sign this body.
    fn headers(&self, ring: &Ring, number: u32, body: &[u8], how: How) -> Vec<(String, String)>;
}

/// Rings as calls are due, from the `next` on, for as long as the simulator runs.
pub(crate) async fn attend<B: Bell>(desk: Arc<B>, mut next: u32) {
    loop {
        let finished = desk.due();
        if let Some(ring) = desk.board().ring().filter(|ring| ring.by_itself) {
            for number in next..finished {
                tokio::spawn(fire(desk.clone(), ring.clone(), number));
            }
        }
        // A clock that is set back makes nobody ring twice.
        next = next.max(finished);
        tokio::time::sleep(LOOK).await;
    }
}

/// Tells a receiver of a call, with all that goes wrong on the way.
pub(crate) async fn fire<B: Bell>(desk: Arc<B>, ring: Ring, number: u32) {
    let mut dice = desk.dice(number);
    let (forged, again, late) = (dice.chance(ring.forged), dice.chance(ring.duplicates), dice.chance(0.5));
    if forged {
        let forgery = dice.pick(ring.signing.forgeries());
        let delivery = desk.delivery(&ring, number, How::Forged(forgery));
        send(&*desk, &ring, &delivery, 1, false).await;
    }
    let delivery = desk.delivery(&ring, number, How::Genuine);
    if !deliver(&*desk, &ring, number, &delivery, false).await || !again {
        return;
    }
    if late {
        tokio::time::sleep(ring.later).await;
    }
    deliver(&*desk, &ring, number, &delivery, true).await;
}

/// Sends a delivery until it is taken; whether it was. Its words stay as they are; the signature has the time of the attempt.
async fn deliver<B: Bell>(desk: &B, ring: &Ring, number: u32, delivery: &Delivery, duplicate: bool) -> bool {
    for attempt in 1..=ring.retries.saturating_add(1) {
        if attempt > 1 {
            tokio::time::sleep(ring.pause).await;
        }
        let headers = desk.headers(ring, number, &delivery.body, How::Genuine);
        let delivery = Delivery { headers, ..delivery.clone() };
        if send(desk, ring, &delivery, attempt, duplicate).await {
            return true;
        }
    }
    false
}

/// Sends a delivery once and writes it down; whether it was taken.
async fn send<B: Bell>(desk: &B, ring: &Ring, delivery: &Delivery, attempt: u32, duplicate: bool) -> bool {
    let board = desk.board();
    let place = board.lines.acquire().await;
    let mut request = board.client().post(&delivery.url).timeout(ring.patience).body(delivery.body.clone());
    for (name, value) in &delivery.headers {
        request = request.header(name, value);
    }
    let status = request.send().await.ok().map(|answer| answer.status().as_u16());
    drop(place);
    let call = delivery.call.clone();
    let rung = Rung { call, status, attempt, duplicate, forged: !delivery.genuine };
    let taken = rung.is_taken();
    board.rung.lock().unwrap_or_else(PoisonError::into_inner).push(rung);
    taken
}
