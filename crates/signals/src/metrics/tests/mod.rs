//! Every metric against numbers computed by hand; the arithmetic stands beside them.

mod interruptions;
mod nulls;
mod talk;
mod timing;
