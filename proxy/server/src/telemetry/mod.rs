//! What observers see: logs, metrics, and the events that feed both.
//!
//! No literal of a statement comes this far: events carry none (`relay::Event`).

mod budget;
mod event;
mod log;
mod metrics;

pub(crate) use event::{Observed, Observer};
pub(crate) use log::start;
pub(crate) use metrics::{Metrics, Reload};
