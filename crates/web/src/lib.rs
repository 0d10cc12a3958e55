//! What every door over HTTP shares: problems as answers, who asks, bodies that tell what is wrong with them, pages of lists. Knows no area.

mod attachment;
mod describe;
mod extract;
mod json;
mod page;
mod problem;
mod strict;

pub use attachment::file;
pub use describe::{MADE, SCHEME, describe};
pub use extract::{Address, At, Body, Document, Form, Params, Signed, only, subscriber};
pub use json::{Json, object, object_or_null};
pub use page::{Cursor, Page, PageParams, limit, time_and_id, two_keys};
pub use problem::{Fault, ProblemBody};
pub use strict::strict;

/// What a door answers.
pub type Answer<T> = Result<T, Fault>;
