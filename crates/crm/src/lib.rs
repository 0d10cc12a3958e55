//! Clients of the CRMs Salesforce and HubSpot behind one face: deals, accounts, contacts, owners and e-mails, read change by change.
//!
//! [`Crm::changes`] gives what changed since a [`Mark`], page by page, oldest change first; whoever asks keeps the mark of each page with what it
//! did with it, and goes on from there after whatever happened: everything comes at least once. What is asked next depends on the mark alone,
//! never on the place in a list that moves meanwhile. Records that are gone come as [`Change::Gone`]. What went wrong is a [`CrmError`] that says
//! what to do and, where that is known, when to go on; none has a key, a token or a word of a record in it, nor has a log or what `Debug` shows.

mod crm;
mod error;
mod hubspot;
mod mark;
mod model;
mod money;
mod read;
mod salesforce;
mod session;
mod settings;
mod text;
mod usage;
mod wire;

pub use crm::Crm;
pub use error::CrmError;
pub use mark::Mark;
pub use model::{Account, Change, Contact, Deal, Email, Identity, Object, Owner, Page, Role, Service};
pub use settings::{Fields, HubSpot, HubSpotAuth, Salesforce, SalesforceAuth, Settings, Which};
pub use usage::Usage;
