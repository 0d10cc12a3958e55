//! The part of SOQL that it speaks: `SELECT … FROM … WHERE … ORDER BY … LIMIT …` on one object.

use super::errors::Refused;
use super::schema::{Kind, Object};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// Characters of the longest query.
const LONGEST: usize = 100_000;

/// A query.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) object: &'static Object,
    pub(super) fields: Vec<String>,
    condition: Option<Condition>,
    /// Fields, and whether each goes down and has its nulls last.
    order: Vec<(String, Kind, bool, bool)>,
    pub(super) limit: Option<usize>,
}

#[derive(Debug)]
enum Condition {
    Compare(String, Kind, Operator, Vec<Literal>),
    Not(Box<Condition>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
}

/// A value that values can be ordered by.
#[derive(Debug, Clone, PartialEq)]
enum Literal {
    Null,
    Text(String),
    Number(f64),
    Bool(bool),
    Date(NaiveDate),
    Time(DateTime<Utc>),
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A name, a number, a date: whatever stands without quotes.
    Word(String),
    Text(String),
    Sign(&'static str),
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own.eq_ignore_ascii_case(word))
    }
}

/// Reads a query. `custom` are the fields that the company added to an object.
pub(super) fn parse(text: &str, custom: &dyn Fn(&Object) -> Vec<String>) -> Result<Query, Refused> {
    if text.chars().count() > LONGEST {
        return Err(Refused::malformed("SOQL statements cannot be longer than 100000 characters."));
    }
    let mut reader = Reader { tokens: tokens(text)?, at: 0 };
    reader.keyword("select")?;
    let mut names = vec![reader.name()?];
    while reader.sign(",") {
        names.push(reader.name()?);
    }
    reader.keyword("from")?;
    let object = Object::named(&reader.name()?)?;
    let custom = custom(object);
    let mut fields = Vec::new();
    for name in names {
        let (field, _) = object.field(&name, &custom)?;
        if fields.contains(&field) {
            return Err(Refused::field(&format!("duplicate field selected: {field}")));
        }
        fields.push(field);
    }
    let condition = if reader.word("where") { Some(reader.condition(object, &custom)?) } else { None };
    let mut order = Vec::new();
    if reader.word("order") {
        reader.keyword("by")?;
        loop {
            let (field, kind) = object.field(&reader.name()?, &custom)?;
            if kind == Kind::Long {
                return Err(Refused::field(&format!("field '{field}' can not be sorted in a query call")));
            }
            let down = !reader.word("asc") && reader.word("desc");
            let last = reader.word("nulls") && !reader.word("first") && {
                reader.keyword("last")?;
                true
            };
            order.push((field, kind, down, last));
            if !reader.sign(",") {
                break;
            }
        }
    }
    let limit = if reader.word("limit") {
        let number = reader.name()?;
        Some(number.parse().map_err(|_| Refused::malformed(&format!("expecting a number, found '{number}'")))?)
    } else {
        None
    };
    match reader.next() {
        None => Ok(Query { object, fields, condition, order, limit }),
        Some(token) => Err(unexpected(&token)),
    }
}

impl Query {
    /// Whether a record is meant.
    pub(super) fn means(&self, record: &Map<String, Value>) -> bool {
        self.condition.as_ref().is_none_or(|condition| condition.holds(record))
    }

    /// Which of two comes first; equal where the query does not say.
    pub(super) fn compare(&self, one: &Map<String, Value>, other: &Map<String, Value>) -> Ordering {
        for (field, kind, down, last) in &self.order {
            let (one, other) = (value(record(one, field), *kind), value(record(other, field), *kind));
            let nulls = |literal: &Literal| (*literal == Literal::Null) == *last;
            let by_null = match (&one, &other) {
                (Literal::Null, Literal::Null) => return Ordering::Equal,
                (Literal::Null, _) | (_, Literal::Null) => nulls(&one).cmp(&nulls(&other)),
                _ => Ordering::Equal,
            };
            let by_value = ordering(&one, &other).unwrap_or(Ordering::Equal);
            let found = by_null.then(if *down { by_value.reverse() } else { by_value });
            if found != Ordering::Equal {
                return found;
            }
        }
        Ordering::Equal
    }
}

impl Condition {
    fn holds(&self, of: &Map<String, Value>) -> bool {
        match self {
            Self::Not(inner) => !inner.holds(of),
            Self::And(all) => all.iter().all(|one| one.holds(of)),
            Self::Or(any) => any.iter().any(|one| one.holds(of)),
            Self::Compare(field, kind, operator, literals) => {
                let own = value(record(of, field), *kind);
                let is =
                    |wanted: &[Ordering]| ordering(&own, &literals[0]).is_some_and(|found| wanted.contains(&found));
                match operator {
                    Operator::Equal | Operator::In => literals.iter().any(|one| same(&own, one)),
                    Operator::NotEqual | Operator::NotIn => !literals.iter().any(|one| same(&own, one)),
                    Operator::Less => is(&[Ordering::Less]),
                    Operator::LessOrEqual => is(&[Ordering::Less, Ordering::Equal]),
                    Operator::Greater => is(&[Ordering::Greater]),
                    Operator::GreaterOrEqual => is(&[Ordering::Greater, Ordering::Equal]),
                }
            }
        }
    }
}

fn record<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a Value {
    fields.get(name).unwrap_or(&Value::Null)
}

fn value(value: &Value, kind: Kind) -> Literal {
    let literal = match kind {
        Kind::Number => value.as_f64().map(Literal::Number),
        Kind::Bool => value.as_bool().map(Literal::Bool),
        Kind::Date => value.as_str().and_then(|text| text.parse().ok()).map(Literal::Date),
        Kind::Time => value.as_str().and_then(super::time).map(Literal::Time),
        Kind::Id | Kind::Text | Kind::Long => value.as_str().map(|text| Literal::Text(text.to_owned())),
    };
    literal.unwrap_or(Literal::Null)
}

fn ordering(one: &Literal, other: &Literal) -> Option<Ordering> {
    match (one, other) {
        (Literal::Text(one), Literal::Text(other)) => Some(one.cmp(other)),
        (Literal::Number(one), Literal::Number(other)) => one.partial_cmp(other),
        (Literal::Bool(one), Literal::Bool(other)) => Some(one.cmp(other)),
        (Literal::Date(one), Literal::Date(other)) => Some(one.cmp(other)),
        (Literal::Time(one), Literal::Time(other)) => Some(one.cmp(other)),
        _ => None,
    }
}

fn same(one: &Literal, other: &Literal) -> bool {
    ordering(one, other) == Some(Ordering::Equal) || (*one == Literal::Null && *other == Literal::Null)
}

fn unexpected(token: &Token) -> Refused {
    let shown = match token {
        Token::Word(word) => word.clone(),
        Token::Text(text) => format!("'{text}'"),
        Token::Sign(sign) => (*sign).to_owned(),
    };
    Refused::malformed(&format!("unexpected token: '{shown}'"))
}

fn tokens(text: &str) -> Result<Vec<Token>, Refused> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let (literal, after) = quoted(&rest[1..])?;
            tokens.push(Token::Text(literal));
            rest = after;
        } else if let Some(sign) =
            ["<=", ">=", "!=", "<>", "<", ">", "=", "(", ")", ","].into_iter().find(|sign| rest.starts_with(sign))
        {
            tokens.push(Token::Sign(if sign == "<>" { "!=" } else { sign }));
            rest = &rest[sign.len()..];
        } else {
            let is_word = |c: char| c.is_ascii_alphanumeric() || "_.:+-".contains(c);
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            if end == 0 {
                return Err(Refused::malformed(&format!("line 1: no viable alternative at character '{first}'")));
            }
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

/// A text up to its end quote, and what follows.
fn quoted(text: &str) -> Result<(String, &str), Refused> {
    let mut literal = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => return Ok((literal, &text[at + 1..])),
            '\\' => match chars.next().map(|(_, c)| c) {
                Some('n') => literal.push('\n'),
                Some('r') => literal.push('\r'),
                Some('t') => literal.push('\t'),
                Some(c @ ('\'' | '"' | '\\' | '_' | '%')) => literal.push(c),
                _ => return Err(Refused::malformed("Invalid string literal: illegal character sequence")),
            },
            c => literal.push(c),
        }
    }
    Err(Refused::malformed("Bind variables or an unterminated string literal"))
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
}

impl Reader {
    fn next(&mut self) -> Option<Token> {
        self.at += 1;
        self.tokens.get(self.at - 1).cloned()
    }

    fn expected(&mut self, what: &str) -> Result<Token, Refused> {
        self.next().ok_or_else(|| Refused::malformed(&format!("unexpected end of the query, expecting {what}")))
    }

    /// Takes this word if it is the next.
    fn word(&mut self, word: &str) -> bool {
        let is = self.tokens.get(self.at).is_some_and(|token| token.is(word));
        self.at += usize::from(is);
        is
    }

    fn sign(&mut self, sign: &str) -> bool {
        let is = matches!(self.tokens.get(self.at), Some(Token::Sign(own)) if *own == sign);
        self.at += usize::from(is);
        is
    }

    fn keyword(&mut self, word: &str) -> Result<(), Refused> {
        let token = self.expected(word)?;
        if token.is(word) { Ok(()) } else { Err(unexpected(&token)) }
    }

    fn name(&mut self) -> Result<String, Refused> {
        match self.expected("a name")? {
            Token::Word(word) => Ok(word),
            token => Err(unexpected(&token)),
        }
    }

    /// Conditions joined by one of AND and OR; both beside each other want parentheses.
    fn condition(&mut self, object: &Object, custom: &[String]) -> Result<Condition, Refused> {
        let first = self.single(object, custom)?;
        let mut all = vec![first];
        let word = if self.tokens.get(self.at).is_some_and(|token| token.is("or")) { "or" } else { "and" };
        while self.word(word) {
            all.push(self.single(object, custom)?);
        }
        if let Some(token) = self.tokens.get(self.at).filter(|token| token.is("and") || token.is("or")) {
            return Err(unexpected(token));
        }
        Ok(match (all.len(), word) {
            (1, _) => all.remove(0),
            (_, "or") => Condition::Or(all),
            _ => Condition::And(all),
        })
    }

    fn single(&mut self, object: &Object, custom: &[String]) -> Result<Condition, Refused> {
        if self.word("not") {
            return Ok(Condition::Not(Box::new(self.single(object, custom)?)));
        }
        if self.sign("(") {
            let inner = self.condition(object, custom)?;
            return if self.sign(")") { Ok(inner) } else { Err(Refused::malformed("expecting a right parentheses")) };
        }
        let (field, kind) = object.field(&self.name()?, custom)?;
        if kind == Kind::Long {
            return Err(Refused::field(&format!("field '{field}' can not be filtered in a query call")));
        }
        let operator = match self.expected("an operator")? {
            Token::Sign("=") => Operator::Equal,
            Token::Sign("!=") => Operator::NotEqual,
            Token::Sign("<") => Operator::Less,
            Token::Sign("<=") => Operator::LessOrEqual,
            Token::Sign(">") => Operator::Greater,
            Token::Sign(">=") => Operator::GreaterOrEqual,
            token if token.is("in") => Operator::In,
            token if token.is("not") => {
                self.keyword("in")?;
                Operator::NotIn
            }
            token => return Err(unexpected(&token)),
        };
        let mut literals = Vec::new();
        if matches!(operator, Operator::In | Operator::NotIn) {
            if !self.sign("(") {
                return Err(Refused::malformed("expecting a left parentheses"));
            }
            literals.push(self.literal(&field, kind)?);
            while self.sign(",") {
                literals.push(self.literal(&field, kind)?);
            }
            if !self.sign(")") {
                return Err(Refused::malformed("expecting a right parentheses"));
            }
        } else {
            literals.push(self.literal(&field, kind)?);
        }
        let ordered =
            matches!(operator, Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual);
        if ordered && (kind == Kind::Bool || literals[0] == Literal::Null) {
            return Err(Refused::filter(&format!("'{field}': invalid operator")));
        }
        Ok(Condition::Compare(field, kind, operator, literals))
    }

    fn literal(&mut self, field: &str, kind: Kind) -> Result<Literal, Refused> {
        let token = self.expected("a value")?;
        let wrong = |what: &str, quotes: &str| {
            Refused::field(&format!(
                "value of filter criterion for field '{field}' must be of type {what} and should {quotes}be enclosed in quotes"
            ))
        };
        if token.is("null") {
            return Ok(Literal::Null);
        }
        match token {
            Token::Text(text) => match kind {
                Kind::Id if !super::is_id(&text) => Err(Refused::filter(&format!("invalid ID field: {text}"))),
                Kind::Id | Kind::Text => Ok(Literal::Text(text)),
                Kind::Long | Kind::Number => Err(wrong("double", "not ")),
                Kind::Bool => Err(wrong("boolean", "not ")),
                Kind::Date => Err(wrong("date", "not ")),
                Kind::Time => Err(wrong("dateTime", "not ")),
            },
            Token::Word(word) => match kind {
                Kind::Id => Err(wrong("ID", "")),
                Kind::Text | Kind::Long => Err(wrong("string", "")),
                Kind::Number => word.parse().map(Literal::Number).map_err(|_| wrong("double", "not ")),
                Kind::Bool => word.to_lowercase().parse().map(Literal::Bool).map_err(|_| wrong("boolean", "not ")),
                Kind::Date => word.parse().map(Literal::Date).map_err(|_| wrong("date", "not ")),
                Kind::Time => {
                    let time = DateTime::parse_from_rfc3339(&word).map_err(|_| wrong("dateTime", "not "))?;
                    Ok(Literal::Time(time.to_utc()))
                }
            },
            token @ Token::Sign(_) => Err(unexpected(&token)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Query, Refused> {
        parse(text, &|_| vec!["Product__c".to_owned()])
    }

    fn meant(text: &str) -> Vec<&'static str> {
        let query = read(&format!("select Id from Opportunity {text}")).unwrap();
        let record = |name: &str, amount: Value, at: &str| {
            let Value::Object(fields) =
                json!({"Name": name, "Amount": amount, "SystemModstamp": at, "IsWon": name == "b", "AccountId": null})
            else {
                panic!()
            };
            fields
        };
        let records = [
            ("a", record("a", json!(1.5), "2026-11-02T00:00:00.000+0000")),
            ("b", record("b", json!(null), "2026-11-02T00:00:01.000+0000")),
            ("c", record("c'\\", json!(10), "2026-11-02T00:00:01.000+0000")),
        ];
        let mut found: Vec<_> = records.iter().filter(|(_, record)| query.means(record)).collect();
        found.sort_by(|(_, one), (_, other)| query.compare(one, other));
        found.into_iter().map(|(name, _)| *name).collect()
    }

    #[test]
    fn conditions_and_orders_mean_what_they_say() {
        let table: [(&str, &[&str]); 14] = [
            ("", &["a", "b", "c"]),
            ("WHERE SystemModstamp >= 2026-11-02T00:00:01Z", &["b", "c"]),
            ("where systemmodstamp > 2026-11-02T00:00:01.000+00:00", &[]),
            ("WHERE SystemModstamp = 2026-11-02T00:00:01Z AND Name != 'b'", &["c"]),
            ("WHERE (Name = 'a' OR Name = 'b') AND IsWon = TRUE", &["b"]),
            ("WHERE NOT (Name = 'a')", &["b", "c"]),
            ("WHERE Name IN ('a', 'c\\'\\\\')", &["a", "c"]),
            ("WHERE Name NOT IN ('a')", &["b", "c"]),
            ("WHERE Amount < 10", &["a"]),
            ("WHERE Amount = null", &["b"]),
            ("WHERE AccountId IN ('001000000000001AAA')", &[]),
            ("ORDER BY SystemModstamp DESC, Name DESC", &["c", "b", "a"]),
            ("ORDER BY Amount", &["b", "a", "c"]),
            ("ORDER BY Amount DESC NULLS LAST LIMIT 9", &["c", "a", "b"]),
        ];
        for (text, wanted) in table {
            assert_eq!(meant(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_soql_is_refused() {
        let table = [
            ("SELECT Id", "MALFORMED_QUERY"),
            ("SELECT Id FROM Opportunity WHERE", "MALFORMED_QUERY"),
            ("SELECT Id FROM Opportunity WHERE Name = 'a", "MALFORMED_QUERY"),
            ("SELECT Id FROM Opportunity WHERE Name = 'a' OR Name = 'b' AND IsWon = true", "MALFORMED_QUERY"),
            ("SELECT Id FROM Opportunity WHERE (Name = 'a'", "MALFORMED_QUERY"),
            ("SELECT Id FROM Opportunity LIMIT many", "MALFORMED_QUERY"),
            ("SELECT Id FROM Opportunity; DELETE", "MALFORMED_QUERY"),
            ("SELECT Novel FROM Opportunity", "INVALID_FIELD"),
            ("SELECT Id, id FROM Opportunity", "INVALID_FIELD"),
            ("SELECT IsDeleted FROM User", "INVALID_FIELD"),
            ("SELECT Id FROM Opportunity WHERE SystemModstamp > '2026-11-02T00:00:00Z'", "INVALID_FIELD"),
            ("SELECT Id FROM Opportunity WHERE SystemModstamp > 2026-11-02", "INVALID_FIELD"),
            ("SELECT Id FROM EmailMessage WHERE TextBody = 'x'", "INVALID_FIELD"),
            ("SELECT Id FROM Opportunity WHERE Id > 'x'", "INVALID_QUERY_FILTER_OPERATOR"),
            ("SELECT Id FROM Novel", "INVALID_TYPE"),
        ];
        for (text, code) in table {
            let refused = format!("{:?}", read(text).unwrap_err());
            assert!(refused.contains(code), "{text}: {refused}");
        }
        let query = read("SELECT id, product__C FROM opportunity LIMIT 3").unwrap();
        assert_eq!((query.fields, query.limit), (vec!["Id".to_owned(), "Product__c".to_owned()], Some(3)));
    }
}
