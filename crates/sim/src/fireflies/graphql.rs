//! The part of GraphQL that clients of Fireflies write: one query with variables, fields, arguments and aliases (spec.graphql.org/October2021).
//!
//! It is read here as the parsers of others weigh more than what is read: `graphql-parser` needs a second generation of `thiserror`,
//! `async-graphql-parser` eight more crates and assembler. Fragments, directives, mutations and block strings are refused.

use serde_json::{Map, Number, Value};
use std::iter::Peekable;
use std::vec::IntoIter;

/// How deep fields and values lie within each other at most.
const DEEPEST: usize = 16;

/// A query.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Query {
    pub(super) variables: Vec<Variable>,
    pub(super) fields: Vec<Field>,
}

/// A variable as it is declared.
#[derive(Debug, PartialEq)]
pub(super) struct Variable {
    pub(super) name: String,
    /// `Int`, `String!`, `[String!]`.
    pub(super) of: String,
    pub(super) default: Option<Value>,
}

/// A field that is selected.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Field {
    pub(super) alias: Option<String>,
    pub(super) name: String,
    pub(super) arguments: Vec<(String, Given)>,
    pub(super) fields: Vec<Field>,
}

impl Field {
    /// Its name in the answer.
    pub(super) fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }
}

/// What an argument is given.
#[derive(Debug, PartialEq)]
pub(super) enum Given {
    Variable(String),
    Value(Value),
}

/// Reads a query.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub(super) fn parse(text: &str) -> Result<Query, String> {
    let mut parser = Parser { tokens: tokens(text)?.into_iter().peekable() };
    let query = parser.query()?;
    match parser.tokens.next() {
        None => Ok(query),
        Some(token) => Err(format!("Syntax Error: Unexpected {token:?} after the query.")),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    Number(Number),
    Text(String),
    Sign(char),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let (mut tokens, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let count = |fits: fn(char) -> bool| rest.find(|c| !fits(c)).unwrap_or(rest.len());
        let length = match first {
            ' ' | '\t' | '\n' | '\r' | ',' | '\u{feff}' => first.len_utf8(),
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            'a'..='z' | 'A'..='Z' | '_' => {
                let length = count(|c| c.is_ascii_alphanumeric() || c == '_');
                tokens.push(Token::Name(rest[..length].to_owned()));
                length
            }
            '-' | '0'..='9' => {
                let length = count(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.'));
                let number = serde_json::from_str(&rest[..length]);
                tokens.push(Token::Number(
                    number.map_err(|_| format!("Syntax Error: `{}` is no number.", &rest[..length]))?,
                ));
                length
            }
            '"' => {
                // Its escapes are those of JSON.
                let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
                let text = values.next().and_then(Result::ok).filter(|_| !rest.starts_with("\"\"\""));
                tokens.push(Token::Text(text.ok_or("Syntax Error: Unterminated string.")?));
                values.byte_offset()
            }
            '{' | '}' | '(' | ')' | '[' | ']' | ':' | '$' | '!' | '=' | '.' | '@' | '|' | '&' => {
                tokens.push(Token::Sign(first));
                1
            }
            other => return Err(format!("Syntax Error: Unexpected character `{other}`.")),
        };
        rest = &rest[length..];
    }
    Ok(tokens)
}

struct Parser {
    tokens: Peekable<IntoIter<Token>>,
}

impl Parser {
    fn has(&mut self, sign: char) -> bool {
        self.tokens.next_if_eq(&Token::Sign(sign)).is_some()
    }

    fn expect(&mut self, sign: char) -> Result<(), String> {
        if self.has(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    fn unexpected(&mut self, wanted: &str) -> String {
        match self.tokens.peek() {
            Some(token) => format!("Syntax Error: Expected {wanted}, found {token:?}."),
            None => format!("Syntax Error: Expected {wanted}, found <EOF>."),
        }
    }

    fn name(&mut self) -> Result<String, String> {
        match self.tokens.next_if(|token| matches!(token, Token::Name(_))) {
            Some(Token::Name(name)) => Ok(name),
            _ => Err(self.unexpected("Name")),
        }
    }

    fn query(&mut self) -> Result<Query, String> {
        let mut query = Query::default();
        if !matches!(self.tokens.peek(), Some(Token::Sign('{'))) {
            if self.name()? != "query" {
                return Err("Syntax Error: Only queries are understood here.".to_owned());
            }
            let _ = self.tokens.next_if(|token| matches!(token, Token::Name(_)));
            if self.has('(') {
                while !self.has(')') {
                    query.variables.push(self.variable()?);
                }
            }
        }
        query.fields = self.fields(0)?;
        Ok(query)
    }

    fn variable(&mut self) -> Result<Variable, String> {
        self.expect('$')?;
        let name = self.name()?;
        self.expect(':')?;
        let of = self.kind(0)?;
        let default = if self.has('=') { Some(self.value(0)?) } else { None };
        Ok(Variable { name, of, default })
    }

    fn kind(&mut self, depth: usize) -> Result<String, String> {
        let mut kind = if depth < DEEPEST && self.has('[') {
            let item = self.kind(depth + 1)?;
            self.expect(']')?;
            format!("[{item}]")
        } else {
            self.name()?
        };
        if self.has('!') {
            kind.push('!');
        }
        Ok(kind)
    }

    fn fields(&mut self, depth: usize) -> Result<Vec<Field>, String> {
        self.expect('{')?;
        let mut fields = Vec::new();
        while !self.has('}') {
            fields.push(self.field(depth)?);
        }
        if fields.is_empty() { Err("Syntax Error: Expected Name, found `}`.".to_owned()) } else { Ok(fields) }
    }

    fn field(&mut self, depth: usize) -> Result<Field, String> {
        let mut field = Field { name: self.name()?, ..Field::default() };
        if self.has(':') {
            field.alias = Some(std::mem::replace(&mut field.name, self.name()?));
        }
        if self.has('(') {
            while !self.has(')') {
                let name = self.name()?;
                self.expect(':')?;
                let given = if self.has('$') { Given::Variable(self.name()?) } else { Given::Value(self.value(0)?) };
                field.arguments.push((name, given));
            }
        }
        if matches!(self.tokens.peek(), Some(Token::Sign('{'))) {
            if depth == DEEPEST {
                return Err("Syntax Error: The query is too deep.".to_owned());
            }
            field.fields = self.fields(depth + 1)?;
        }
        Ok(field)
    }

    /// A value without variables in it.
    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth == DEEPEST {
            return Err("Syntax Error: The value is too deep.".to_owned());
        }
        Ok(match self.tokens.next() {
            Some(Token::Text(text)) => text.into(),
            Some(Token::Number(number)) => number.into(),
            Some(Token::Name(name)) => match name.as_str() {
                "true" => true.into(),
                "false" => false.into(),
                "null" => Value::Null,
                name => name.into(),
            },
            Some(Token::Sign('[')) => {
                let mut items = Vec::new();
                while !self.has(']') {
                    items.push(self.value(depth + 1)?);
                }
                items.into()
            }
            Some(Token::Sign('{')) => {
                let mut fields = Map::new();
                while !self.has('}') {
                    let name = self.name()?;
                    self.expect(':')?;
                    fields.insert(name, self.value(depth + 1)?);
                }
                fields.into()
            }
            other => return Err(format!("Syntax Error: Expected a value, found {other:?}.")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const QUERY: &str = r#"
        # What is wanted.
        query Transcripts($limit: Int = 5, $ids: [String!]!, $from: DateTime) {
            newest: transcripts(limit: $limit, fromDate: $from, toDate: "2026-\u00e911\n", ids: [1, -2.5e3, {a: {b: null}}, MINE, true]) {
                id, title
                speakers { name }
            }
            user { name }
        }"#;

    #[test]
    fn a_query_is_read_as_it_is_written() {
        let query = parse(QUERY).unwrap();
        let variable = |name: &str, of: &str, default| Variable { name: name.to_owned(), of: of.to_owned(), default };
        let variables = [
            variable("limit", "Int", Some(json!(5))),
            variable("ids", "[String!]!", None),
            variable("from", "DateTime", None),
        ];
        assert_eq!(query.variables, variables);
        let keys: Vec<_> = query.fields.iter().map(|field| (field.key(), field.name.as_str())).collect();
        assert_eq!(keys, [("newest", "transcripts"), ("user", "user")]);
        let given =
            |name: &str| query.fields[0].arguments.iter().find(|(known, _)| known == name).map(|(_, given)| given);
        assert_eq!(given("limit"), Some(&Given::Variable("limit".to_owned())));
        assert_eq!(given("toDate"), Some(&Given::Value(json!("2026-é11\n"))));
        assert_eq!(given("ids"), Some(&Given::Value(json!([1, -2500.0, { "a": { "b": null } }, "MINE", true]))));
        let names: Vec<_> = query.fields[0].fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!((names, query.fields[0].fields[2].fields.len()), (vec!["id", "title", "speakers"], 1));
        assert_eq!(parse("{user{name}}").unwrap().fields, parse("query { user { name } }").unwrap().fields);
    }

    #[test]
    fn what_is_no_query_is_refused() {
        let deep = format!("{}a{}", "{a".repeat(99), "}".repeat(99));
        for wrong in [
            "",
            "{",
            "{}",
            "{ user { } }",
            "{ user }}",
            "mutation { user { name } }",
            "{ user(id: ) { name } }",
            "{ user(id $x) { name } }",
            "query($x) { user { name } }",
            "{ ...fragment }",
            "{ user @skip { name } }",
            "{ user(id: \"x) { name } }",
            "{ user(id: 1x) { name } }",
            "{ user(id: \"\"\"x\"\"\") { name } }",
            "{ é }",
            &deep,
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        // However it is cut, it is read or refused, and a query is whole only at its end.
        for (end, _) in QUERY.char_indices() {
            assert!(parse(&QUERY[..end]).is_err(), "{}", &QUERY[..end]);
        }
    }
}
