//! Tests of the crate through its public face.

mod sentiment;
mod sentiment_figures;
