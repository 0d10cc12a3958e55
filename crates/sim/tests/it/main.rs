//! The simulators as clients meet them that somebody else wrote.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod anthropic;
mod fireflies;
mod gong;
mod gong_oauth;
mod gong_rings;
mod http;
mod hubspot;
mod openai;
mod s3;
mod salesforce;
mod sdk;
