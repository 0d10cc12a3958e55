//! The one face of both services.

use crate::settings::{Settings, Which};
use crate::wire::Wire;
use crate::{CrmError, Email, Identity, Mark, Object, Page, Role, Service, Usage, hubspot, salesforce};
use kernel::Secret;
use remote::BreakerState;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Asks one organisation of Salesforce or one account of HubSpot. Clones share its connections, its token, its pace and its breaker.
#[derive(Debug, Clone)]
pub struct Crm(Arc<Inner>);

#[derive(Debug)]
enum Inner {
    Salesforce(salesforce::Client),
    HubSpot(hubspot::Client),
}

impl Crm {
    /// A client that has asked nothing yet.
    ///
    /// # Errors
    /// [`CrmError::Settings`] when an address cannot be asked, a key or the name of a field is none, or this machine has no certificates for
    /// `https`.
    pub fn new(settings: Settings) -> Result<Self, CrmError> {
        let settings = settings.checked()?;
        let wire = Wire::new(&settings)?;
        Ok(Self(Arc::new(match settings.which.clone() {
            Which::Salesforce(own) => Inner::Salesforce(salesforce::Client { wire, settings, own }),
            Which::HubSpot(own) => Inner::HubSpot(hubspot::Client::new(wire, settings, own)),
        })))
    }

    fn wire(&self) -> &Wire {
        match &*self.0 {
            Inner::Salesforce(client) => &client.wire,
            Inner::HubSpot(client) => &client.wire,
        }
    }

    /// Which service it is.
    pub fn service(&self) -> Service {
        self.wire().service
    }

    /// Whether requests are sent, or the service is left alone.
    pub fn state(&self) -> BreakerState {
        self.wire().breaker.state()
    }

    /// What the service said last of its daily limit; none before it said so.
    pub fn usage(&self) -> Option<Usage> {
        self.wire().usage()
    }

    /// A refresh token that the service gave in place of the one in the settings, which may be worth nothing any more: keep it in its place.
    pub fn rotated(&self) -> Option<Secret> {
        self.wire().session.rotated()
    }

    /// Whose key it is, once it is known to be good: it may read everything that [`Self::changes`] reads, and there are the fields that the settings
    /// name.
    ///
    /// # Errors
    /// Each of [`CrmError`]: why the key does not do.
    pub async fn check(&self) -> Result<Identity, CrmError> {
        match &*self.0 {
            Inner::Salesforce(client) => client.check().await,
            Inner::HubSpot(client) => client.check().await,
        }
    }

    /// The next page of what changed since the mark; of everything where there is none. Whoever goes on from the mark of the page, whether at once or
    /// in another program, misses nothing; the same record can come again. When a page is the last, going on from its mark tells what changed
    /// since then.
    ///
    /// Rows of Salesforce that were deleted are told for the 15 days that they stay in its bin, archived records of HubSpot as often as
    /// [`crate::HubSpot::archived_every`] says; HubSpot's owners come all each time. Whoever was away for longer begins anew.
    ///
    /// # Errors
    /// Each of [`CrmError`], after what helps was tried. Nothing is lost: the same mark is good for another try.
    pub async fn changes(&self, object: Object, mark: Option<&Mark>) -> Result<Page, CrmError> {
        let mark = Mark::checked(mark, self.service(), object)?;
        match &*self.0 {
            Inner::Salesforce(client) => client.changes(object, mark).await,
            Inner::HubSpot(client) => client.changes(object, mark).await,
        }
    }

    /// All e-mails of these deals, for whoever follows deals and not the changes of e-mails. Each comes once, with all the deals that it belongs to.
    ///
    /// # Errors
    /// As [`Self::changes`]; [`CrmError::NotAnId`] where one is none.
    pub async fn emails_of<T: AsRef<str> + Sync>(&self, deals: &[T]) -> Result<Vec<Email>, CrmError> {
        let deals = self.ids(deals)?;
        match &*self.0 {
            Inner::Salesforce(client) => client.emails_of(&deals).await,
            Inner::HubSpot(client) => client.emails_of(&deals).await,
        }
    }

    /// Who takes part in these deals, by the ids of the deals; a deal of which nobody is known is left out. It is what deals come with, and can change
    /// without them.
    ///
    /// # Errors
    /// As [`Self::emails_of`].
    pub async fn contacts_of<T: AsRef<str> + Sync>(
        &self,
        deals: &[T],
    ) -> Result<BTreeMap<String, Vec<Role>>, CrmError> {
        let deals = self.ids(deals)?;
        match &*self.0 {
            Inner::Salesforce(client) => client.contacts_of(&deals).await,
            Inner::HubSpot(client) => client.contacts_of(&deals).await,
        }
    }

    /// Ids that are ids, each once.
    fn ids<T: AsRef<str>>(&self, ids: &[T]) -> Result<Vec<String>, CrmError> {
        let service = self.service();
        let is_id = match service {
            Service::Salesforce => salesforce::is_id,
            Service::HubSpot => hubspot::is_id,
        };
        if ids.iter().all(|id| is_id(id.as_ref())) {
            let ids: BTreeSet<&str> = ids.iter().map(AsRef::as_ref).collect();
            return Ok(ids.into_iter().map(str::to_owned).collect());
        }
        Err(CrmError::NotAnId { service })
    }
}
