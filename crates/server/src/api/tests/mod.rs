//! Stories of the whole interface: the real router on a real database.

mod around;
mod deliveries;
mod description;
mod fits;
mod matrix;
mod report;
mod samples;
mod stream;
mod world;
