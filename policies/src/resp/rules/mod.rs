//! The rules: one for each way in which a command names keys, channels or the whole key space.

mod confine_client;
mod confine_database;
mod confine_script;
pub(super) mod errors;
mod keep_connection;
mod keep_transaction;
pub(super) mod options;
mod pin_database;
mod prefix_channels;
mod prefix_geo_targets;
mod prefix_keys;
mod prefix_sort_patterns;
mod prefix_streams;
mod search;
pub(super) mod session;
mod show_server;
mod track_keys;

use bytes::BytesMut;
use resp_wire::command::Command;
use resp_wire::request::Request;

pub(super) use confine_database::confine_database;
pub(super) use confine_script::confine_script;
pub(super) use keep_connection::{auth, hello, keep_connection};
pub(super) use keep_transaction::keep_transaction;
pub(super) use prefix_channels::prefix_channels;
pub(super) use prefix_keys::{prefix_keys, prefix_keys_of_reply};
pub(super) use search::{prefixed_key, search};
pub(super) use show_server::{HARMLESS, show_server};

use super::judge::Context;
use super::reply::ReplyRule;
use crate::Rejection;

/// Commands whose keys are not all found by the key specifications.
pub(super) fn parsed(
    command: &Command,
    request: &Request<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<ReplyRule, Rejection> {
    match command.name {
        "sort" | "sort_ro" => {
            prefix_sort_patterns::prefix_sort_patterns(command, request, context, out)
        }
        "georadius" | "georadiusbymember" => {
            prefix_geo_targets::prefix_geo_targets(command, request, context, out)
        }
        "copy" => pin_database::pin_copy(request, context, out),
        "move" => Err(pin_database::pin_move(request)),
        _ => Err(errors::refused(command)),
    }
}
