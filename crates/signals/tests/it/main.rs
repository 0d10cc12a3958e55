//! Tests of the crate through its public face.

mod metrics;
mod sentiment;
mod sentiment_figures;
