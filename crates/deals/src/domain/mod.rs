//! The rules of this area: pure, with neither database nor clock.

pub mod amount;
pub mod coach;
pub mod context;
pub mod facts;
pub mod health;
pub mod learn;
pub mod link;
pub mod mail;
pub mod record;
pub mod review;
pub mod tell;
pub mod warn;
