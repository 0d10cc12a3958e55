//! What every door over HTTP shares: problems as answers, who asks, bodies that tell what is wrong with them, pages of lists. Knows no area.

mod extract;
mod page;
mod problem;

pub use extract::{Body, Params, Signed};
pub use page::{Cursor, Page, PageParams};
pub use problem::{Fault, ProblemBody};

/// What a door answers.
pub type Answer<T> = Result<T, Fault>;
