//! What sources tell: deals, firms, people, e-mails, and which call belongs where; and how files of them are read.

use super::amount;
use super::facts::Status;
use super::mail;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Characters of an e-mail that are kept.
pub const SNIPPET: usize = 500;
/// Characters of a name, subject or the like.
const TEXT: usize = 300;
/// Most recipients that are kept of an e-mail.
const RECIPIENTS: usize = 50;

/// A deal, as its source tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct DealRecord {
    /// Its id there.
    pub external_id: String,
    /// What it is called.
    pub name: String,
    /// Its firm's id there.
    pub account_external_id: Option<String>,
    /// What the firm is called.
    pub account: Option<String>,
    /// Mail address, else name, of whose it is.
    pub owner: Option<String>,
    /// Their id there, where they are told by that.
    pub owner_external_id: Option<String>,
    /// Whose it is here, where the source names nobody.
    pub owner_here: Option<Uuid>,
    /// As it is called there.
    pub stage: String,
    /// Since when it has the stage.
    pub stage_since: Option<DateTime<Utc>>,
    /// How it stands.
    pub status: Status,
    /// What is sold.
    pub product: Option<String>,
    /// Of what kind the customer is.
    pub segment: Option<String>,
    /// Cents of what it is worth.
    pub amount_cents: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// The day on which it is to close.
    pub close_date: Option<NaiveDate>,
    /// When it was opened.
    pub opened_at: Option<DateTime<Utc>>,
    /// When it was won or lost.
    pub closed_at: Option<DateTime<Utc>>,
    /// Health as the source reckons it, 0 to 100.
    pub source_health: Option<f64>,
    /// Its id as Gong tells it.
    pub gong_opportunity_id: Option<String>,
    /// All that is told of it.
    pub metadata: Option<Value>,
    /// When it was changed there.
    pub modified_at: Option<DateTime<Utc>>,
}

/// A firm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRecord {
    /// Its id there.
    pub external_id: String,
    /// What it is called.
    pub name: String,
    /// Its mail domain.
    pub domain: Option<String>,
    /// Its trade.
    pub industry: Option<String>,
    /// Of what kind it is.
    pub segment: Option<String>,
}

/// Somebody of a firm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRecord {
    /// Their id there.
    pub external_id: String,
    /// Their firm's.
    pub account_external_id: Option<String>,
    /// What they are called.
    pub name: String,
    /// Their address.
    pub email: Option<String>,
    /// What they are there.
    pub title: Option<String>,
}

/// An e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailRecord {
    /// Its id there.
    pub external_id: String,
    /// Ids of the deals to which it belongs there; none where that is to be found by domains and dates.
    pub deals: Vec<String>,
    /// What it is about.
    pub subject: String,
    /// Who sent it.
    pub sender: String,
    /// To whom.
    pub recipients: Vec<String>,
    /// When.
    pub sent_at: DateTime<Utc>,
    /// Whether the customer sent it; `None` where that is to be found by whose addresses are ours.
    pub incoming: Option<bool>,
    /// What it says.
    pub body: String,
}

/// That a call belongs to a deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRecord {
    /// Id of the call, here or in its source.
    pub call: String,
    /// The deal's id in its source.
    pub deal: String,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Rows with commas between values, and names of the columns in the first.
    Csv,
    /// A list of objects.
    Json,
}

impl FileKind {
    /// What people call a row of it.
    pub fn row(self) -> &'static str {
        match self {
            Self::Csv => "line",
            Self::Json => "item",
        }
    }
}

/// A row of a file: names and values.
pub type Row = Map<String, Value>;

/// The rows of a file, each with the line or place that people find it by.
///
/// # Errors
/// In a sentence, where it is no such file.
pub fn rows(kind: FileKind, bytes: &[u8]) -> Result<Vec<(u64, Row)>, String> {
    match kind {
        FileKind::Json => {
            let list: Vec<Row> =
                serde_json::from_slice(bytes).map_err(|error| format!("this is no JSON list of objects: {error}"))?;
            Ok(list.into_iter().enumerate().map(|(place, row)| (place as u64 + 1, row)).collect())
        }
        FileKind::Csv => {
            // Spreadsheets write a mark of the byte order.
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
            std::str::from_utf8(bytes)
                .map_err(|_| "this is no text in UTF-8; save the table as “CSV UTF-8”".to_owned())?;
            let wrong = |error: csv::Error| format!("this is no CSV: {error}");
            let names: Vec<String> = reader
                .headers()
                .map_err(wrong)?
                .iter()
                .map(|name| name.to_lowercase().replace([' ', '-'], "_"))
                .collect();
            let mut found = Vec::new();
            for record in reader.records() {
                let record = record.map_err(wrong)?;
                let line = record.position().map_or(0, csv::Position::line);
                let row = names.iter().cloned().zip(record.iter()).filter(|(_, value)| !value.is_empty());
                found.push((line, row.map(|(name, value)| (name, Value::from(value))).collect()));
            }
            Ok(found)
        }
    }
}

/// Reads the values of a row, and remembers which were asked for.
struct Reader<'a> {
    row: &'a Row,
    known: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    fn new(row: &'a Row) -> Self {
        Self { row, known: Vec::new() }
    }

    fn text(&mut self, name: &'static str) -> Result<Option<String>, String> {
        self.known.push(name);
        let text = match self.row.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Bool(yes)) => yes.to_string(),
            Some(_) => return Err(format!("{name}: take a text or a number")),
        };
        if text.contains('\0') {
            return Err(format!("{name}: a text has no NUL"));
        }
        Ok((!text.is_empty()).then_some(text))
    }

    fn needed(&mut self, name: &'static str) -> Result<String, String> {
        self.text(name)?.ok_or_else(|| format!("{name}: it is missing"))
    }

    fn read<T>(
        &mut self,
        name: &'static str,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, String> {
        match self.text(name)? {
            None => Ok(None),
            Some(text) => read(&text).map(Some).ok_or_else(|| format!("{name}: “{}” is no {what}", short(&text, 40))),
        }
    }

    fn moment(&mut self, name: &'static str) -> Result<Option<DateTime<Utc>>, String> {
        self.read(name, "time such as 2026-11-02T15:00:00Z", amount::moment)
    }

    /// Values of a list, or of a text with semicolons or commas between them.
    fn list(&mut self, name: &'static str) -> Result<Vec<String>, String> {
        if let Some(Value::Array(items)) = self.row.get(name) {
            self.known.push(name);
            let text = |item: &Value| item.as_str().map(|text| text.trim().to_owned());
            let all: Option<Vec<String>> = items.iter().map(text).collect();
            return all.ok_or_else(|| format!("{name}: take a list of texts"));
        }
        let text = self.text(name)?.unwrap_or_default();
        let items = text.split([';', ',']).map(str::trim).filter(|item| !item.is_empty());
        Ok(items.map(str::to_owned).collect())
    }

    /// # Errors
    /// Where the row has a value that nobody asked for: it would be lost.
    fn end(self) -> Result<(), String> {
        match self.row.keys().find(|name| !self.known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => {
                Err(format!("“{}” is no column of these; there are {}", short(name, 40), self.known.join(", ")))
            }
        }
    }
}

/// At most so many characters of a text.
pub fn short(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// A deal of a row, and its firm where the row tells of it. Everything else that the row has is kept as it is.
///
/// # Errors
/// In a sentence that names the column.
pub fn deal(row: &Row) -> Result<(DealRecord, Option<AccountRecord>), String> {
    let mut read = Reader::new(row);
    let external_id = read.needed("id")?;
    let name = read.needed("name")?;
    let account = read.text("account")?;
    let domain = read.read("account_domain", "domain such as acme.com", mail::domain)?;
    let owner = read.text("owner")?;
    let stage = read.needed("stage")?;
    let status = read.read("status", "status: open, won or lost", |text| match &*text.to_lowercase() {
        "open" => Some(Status::Open),
        "won" => Some(Status::Won),
        "lost" => Some(Status::Lost),
        _ => None,
    })?;
    let record = DealRecord {
        external_id: short(&external_id, TEXT),
        name: short(&name, TEXT),
        // A firm that has no id is known by its domain, else by its name.
        account_external_id: domain.clone().or_else(|| account.as_ref().map(|name| name.to_lowercase())),
        owner: owner.map(|text| mail::address(&text).unwrap_or(text)),
        owner_external_id: None,
        owner_here: None,
        status: status.unwrap_or_else(|| Status::of_stage(&stage)),
        stage: short(&stage, TEXT),
        stage_since: read.moment("stage_since")?,
        product: read.text("product")?.map(|text| short(&text, TEXT)),
        segment: read.text("segment")?.map(|text| short(&text, TEXT)),
        amount_cents: read.read("amount", "amount such as 12500.00", amount::cents)?,
        currency: read.read("currency", "currency such as USD", |text| {
            let is_one = text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_alphabetic());
            is_one.then(|| text.to_uppercase())
        })?,
        close_date: read.read("close_date", "day such as 2026-11-30", amount::day)?,
        opened_at: read.moment("opened_at")?,
        closed_at: read.moment("closed_at")?,
        source_health: read.read("health", "number from 0 to 100", |text| {
            text.parse::<f64>().ok().filter(|health| (0.0..=100.0).contains(health))
        })?,
        gong_opportunity_id: read.text("gong_opportunity_id")?,
        account: account.clone().map(|text| short(&text, TEXT)),
        metadata: None,
        modified_at: None,
    };
    if record.status == Status::Open && record.closed_at.is_some() {
        return Err("closed_at: an open deal has none".to_owned());
    }
    let firm = record.account_external_id.clone().map(|external_id| AccountRecord {
        external_id,
        name: account.or_else(|| domain.clone()).unwrap_or_default(),
        domain,
        industry: None,
        segment: record.segment.clone(),
    });
    let metadata: Row = row
        .iter()
        .filter(|(name, _)| !read.known.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let metadata = (!metadata.is_empty()).then_some(Value::Object(metadata));
    Ok((DealRecord { metadata, ..record }, firm))
}

/// An e-mail of a row.
///
/// # Errors
/// In a sentence that names the column.
pub fn email(row: &Row) -> Result<EmailRecord, String> {
    let mut read = Reader::new(row);
    let address = |text: &str| mail::address(text);
    let record = EmailRecord {
        external_id: short(&read.needed("id")?, TEXT),
        deals: read.list("opportunity_id")?,
        subject: read.text("subject")?.unwrap_or_default(),
        sender: read.read("sender", "mail address", address)?.ok_or("sender: it is missing")?,
        recipients: {
            let all = read.list("recipients")?;
            let read = all.iter().take(RECIPIENTS).map(|text| {
                address(text).ok_or_else(|| format!("recipients: “{}” is no mail address", short(text, 40)))
            });
            read.collect::<Result<_, _>>()?
        },
        sent_at: read.moment("sent_at")?.ok_or("sent_at: it is missing")?,
        incoming: read.read("incoming", "true or false", |text| text.to_lowercase().parse().ok())?,
        body: read.text("body")?.unwrap_or_default(),
    };
    read.end()?;
    Ok(record)
}

/// That a call belongs to a deal, of a row.
///
/// # Errors
/// In a sentence that names the column.
pub fn link(row: &Row) -> Result<LinkRecord, String> {
    let mut read = Reader::new(row);
    let record = LinkRecord { call: read.needed("call_id")?, deal: read.needed("opportunity_id")? };
    read.end()?;
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn only(kind: FileKind, text: &str) -> Row {
        let mut all = rows(kind, text.as_bytes()).unwrap();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0).1
    }

    #[test]
    fn a_deal_is_the_same_in_both_kinds_of_file() {
        let csv = "\u{feff}ID,Name,Account,Account Domain,Owner,Stage,Amount,Currency,Close Date,Opened At,Health,Region\n\
                   D-1,Dock doors,Acme,https://www.acme.example,Dana <DANA@us.example>,Closed Won,\"12,500.50\",eur,2026-11-30,2026-09-01,71.5,North\n";
        let json = json!([{"id": "D-1", "name": "Dock doors", "account": "Acme", "account_domain": "acme.example",
            "owner": "dana@us.example", "stage": "Closed Won", "amount": 12500.5, "currency": "EUR", "close_date": "2026-11-30",
            "opened_at": "2026-09-01T00:00:00Z", "health": 71.5, "region": "North"}]);
        let (read, firm) = deal(&only(FileKind::Csv, csv)).unwrap();
        assert_eq!((read.clone(), firm.clone()), deal(&only(FileKind::Json, &json.to_string())).unwrap());
        assert_eq!(
            (read.status, read.amount_cents, read.currency.as_deref()),
            (Status::Won, Some(1_250_050), Some("EUR"))
        );
        assert_eq!(read.owner.as_deref(), Some("dana@us.example"));
        assert_eq!(read.metadata, Some(json!({"region": "North"})));
        assert_eq!(firm.unwrap().domain.as_deref(), Some("acme.example"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_column() {
        let base = json!({"id": "D-1", "name": "Dock doors", "stage": "Demo"});
        let told = |name: &str, value: Value| {
            let mut row = base.as_object().unwrap().clone();
            row.insert(name.to_owned(), value);
            deal(&row).unwrap_err()
        };
        assert_eq!(told("amount", json!("12.345")), "amount: “12.345” is no amount such as 12500.00");
        assert_eq!(told("close_date", json!("30.11.2026")), "close_date: “30.11.2026” is no day such as 2026-11-30");
        assert_eq!(told("status", json!("maybe")), "status: “maybe” is no status: open, won or lost");
        assert_eq!(told("health", json!(101)), "health: “101” is no number from 0 to 100");
        assert_eq!(told("name", json!("")), "name: it is missing");
        assert_eq!(told("owner", json!(["a"])), "owner: take a text or a number");
        assert_eq!(told("closed_at", json!("2026-11-01")), "closed_at: an open deal has none");
        assert!(rows(FileKind::Json, b"{}").unwrap_err().starts_with("this is no JSON list of objects"));
        let latin = rows(FileKind::Csv, b"id,name\n1,K\xf6ln\n").unwrap_err();
        assert_eq!(latin, "this is no text in UTF-8; save the table as “CSV UTF-8”");
        assert!(rows(FileKind::Csv, b"id,name\n1,2,3\n").unwrap_err().starts_with("this is no CSV"));
    }

    #[test]
    fn e_mails_and_links_lose_no_column_silently() {
        let row = json!({"id": "M-1", "opportunity_id": "D-1; D-2", "subject": "Offer", "sender": "Dana <dana@us.example>",
            "recipients": ["Mara@acme.example"], "sent_at": "2026-11-02 12:00", "body": "Hello"});
        let read = email(row.as_object().unwrap()).unwrap();
        assert_eq!(
            (read.deals, read.recipients),
            (vec!["D-1".to_owned(), "D-2".to_owned()], vec!["mara@acme.example".to_owned()])
        );
        let mut more = row.as_object().unwrap().clone();
        more.insert("snippet".to_owned(), json!("Hello"));
        assert_eq!(
            email(&more).unwrap_err(),
            "“snippet” is no column of these; there are id, opportunity_id, subject, sender, recipients, sent_at, incoming, body"
        );
        let row = json!({"call_id": "C-1", "opportunity_id": "D-1"});
        assert_eq!(link(row.as_object().unwrap()).unwrap(), LinkRecord { call: "C-1".into(), deal: "D-1".into() });
        assert_eq!(link(&Row::new()).unwrap_err(), "call_id: it is missing");
    }
}
